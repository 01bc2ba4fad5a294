/* What projections/recorder/copying.py does in Python, for the same values to the same bytes: fields of a row as binary
   COPY takes them, each with its length before it, most significant byte first. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <datetime.h>
#include <stdint.h>
#include <string.h>

#define POSTGRES_EPOCH_US 946684800000000LL /* 2000-01-01 in microseconds since 1970 */
#define POSTGRES_EPOCH_DAYS 730120          /* the same as date.toordinal() counts */
#define TEXT_OID 25

typedef struct {
    char *bytes;
    Py_ssize_t length, room;
    char few[1024];
} Row;

static char *extend(Row *row, Py_ssize_t by) {
    if (row->length + by > row->room) {
        Py_ssize_t room = 2 * (row->length + by);
        char *bytes = PyMem_Realloc(row->bytes == row->few ? NULL : row->bytes, (size_t)room);
        if (bytes == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        if (row->bytes == row->few) memcpy(bytes, row->few, (size_t)row->length);
        row->bytes = bytes, row->room = room;
    }
    char *at = row->bytes + row->length;
    row->length += by;
    return at;
}

static void put(char *at, uint64_t number, int width) {
    for (int i = width - 1; i >= 0; i--, number >>= 8) at[i] = (char)(number & 0xff);
}

static int add_number(Row *row, int64_t number, int width) {
    char *at = extend(row, 4 + width);
    if (at == NULL) return 0;
    put(at, (uint64_t)width, 4);
    put(at + 4, (uint64_t)number, width);
    return 1;
}

static int add_bytes(Row *row, const char *bytes, Py_ssize_t length, int is_field) {
    char *at = extend(row, length + (is_field ? 4 : 0));
    if (at == NULL) return 0;
    if (is_field) put(at, (uint64_t)length, 4), at += 4;
    memcpy(at, bytes, (size_t)length);
    return 1;
}

static int add_text(Row *row, PyObject *value) {
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(value, &length);
    return text != NULL && add_bytes(row, text, length, 1);
}

static int add_whole(Row *row, PyObject *value, int width) {
    long long number = PyLong_AsLongLong(value);
    if (number == -1 && PyErr_Occurred()) return 0;
    if (width < 8 && (number < -(1LL << (8 * width - 1)) || number >= 1LL << (8 * width - 1))) {
        PyErr_Format(PyExc_OverflowError, "%lld needs more than %d bytes", number, width);
        return 0;
    }
    return add_number(row, number, width);
}

static int add_day(Row *row, PyObject *value) {
    static const int BEFORE[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    if (!PyDate_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "a day must be a date");
        return 0;
    }
    int year = PyDateTime_GET_YEAR(value), month = PyDateTime_GET_MONTH(value), past = year - 1;
    int is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    int days = 365 * past + past / 4 - past / 100 + past / 400 + BEFORE[month - 1] + (month > 2 && is_leap) +
               PyDateTime_GET_DAY(value);
    return add_number(row, days - POSTGRES_EPOCH_DAYS, 4);
}

static int add_instant(Row *row, PyObject *value) {
    long long instant = PyLong_AsLongLong(value);
    if (instant == -1 && PyErr_Occurred()) return 0;
    return add_number(row, instant - POSTGRES_EPOCH_US, 8);
}

static int add_texts(Row *row, PyObject *values) {
    if (!PyList_Check(values)) {
        PyErr_SetString(PyExc_TypeError, "texts must be a list");
        return 0;
    }
    Py_ssize_t count = PyList_GET_SIZE(values), start = row->length;
    char *head = extend(row, count ? 24 : 16);
    if (head == NULL) return 0;
    put(head + 4, count ? 1 : 0, 4), put(head + 8, 0, 4), put(head + 12, TEXT_OID, 4);
    if (count) put(head + 16, (uint64_t)count, 4), put(head + 20, 1, 4);
    for (Py_ssize_t i = 0; i < count; i++)
        if (!add_text(row, PyList_GET_ITEM(values, i))) return 0;
    put(row->bytes + start, (uint64_t)(row->length - start - 4), 4);
    return 1;
}

static int add_field(Row *row, char kind, PyObject *value) {
    if (value == Py_None) return add_bytes(row, "\xff\xff\xff\xff", 4, 0);
    switch (kind) {
    case 't':
        return add_text(row, value);
    case 'h':
        return add_whole(row, value, 2);
    case 'i':
        return add_whole(row, value, 4);
    case 'q':
        return add_whole(row, value, 8);
    case 'd':
        return add_day(row, value);
    case 'u':
        return add_instant(row, value);
    case 'a':
        return add_texts(row, value);
    case 'b':
    case 'p':
        if (!PyBytes_Check(value)) break;
        return add_bytes(row, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value), kind == 'b');
    }
    PyErr_Format(PyExc_TypeError, "no field of kind %c", kind);
    return 0;
}

static PyObject *fields(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count) {
    if (count != 2 || !PyTuple_Check(arguments[0]) || !PyBytes_Check(arguments[1]) ||
        PyTuple_GET_SIZE(arguments[0]) != PyBytes_GET_SIZE(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "fields(values: tuple, kinds: bytes), as many of the one as of the other");
        return NULL;
    }
    Row row;
    row.bytes = row.few, row.length = 0, row.room = sizeof row.few;
    PyObject *packed = NULL;
    Py_ssize_t i = 0, width = PyTuple_GET_SIZE(arguments[0]);
    const char *kinds = PyBytes_AS_STRING(arguments[1]);
    while (i < width && add_field(&row, kinds[i], PyTuple_GET_ITEM(arguments[0], i))) i++;
    if (i == width) packed = PyBytes_FromStringAndSize(row.bytes, row.length);
    if (row.bytes != row.few) PyMem_Free(row.bytes);
    return packed;
}

static PyMethodDef METHODS[] = {
    {"fields", (PyCFunction)(void (*)(void))fields, METH_FASTCALL, "fields(values, kinds): values as binary COPY takes them."},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "packed_fields", NULL, 0, METHODS, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_packed_fields(void) {
    PyDateTime_IMPORT;
    return PyDateTimeAPI == NULL ? NULL : PyModule_Create(&MODULE);
}
