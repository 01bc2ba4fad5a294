/* Reads the events that make up most of all: structured mode, plain text, flat data.

   read(value, types) gives what schemas.envelope makes of such a message, or None for whatever is out of the ordinary
   in any way, right or wrong: that is read in Python, which alone knows the rules and the refusals. So nothing here
   decides what an event may say; it recognizes a narrow part of what is certainly right. A test holds the two
   against each other.

   Plain is: one JSON object of strings without escapes, control characters or bytes beyond ASCII; no name twice; in
   `data` null as well. The hash is BLAKE2b (RFC 7693) with 16 bytes.
*/

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#define DAY_US 86400000000LL
#define MEMBERS_MAX 32
#define IDENTIFIER_MAX 128
#define TEXT_MAX 500
#define HASH_BYTES 16

/* ---- BLAKE2b ---- */

static const uint64_t START[8] = {
    0x6a09e667f3bcc908ULL, 0xbb67ae8584caa73bULL, 0x3c6ef372fe94f82bULL, 0xa54ff53a5f1d36f1ULL,
    0x510e527fade682d1ULL, 0x9b05688c2b3e6c1fULL, 0x1f83d9abfb41bd6bULL, 0x5be0cd19137e2179ULL};

static const uint8_t ORDER[12][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3}};

typedef struct {
    uint64_t state[8];
    uint64_t length;
    uint8_t block[128];
    size_t filled;
} Hash;

static inline uint64_t turned(uint64_t word, int by) { return (word >> by) | (word << (64 - by)); }

static void compress(Hash *hash, int is_last) {
    uint64_t v[16], m[16];
    memcpy(v, hash->state, 64);
    memcpy(v + 8, START, 64);
    v[12] ^= hash->length;
    if (is_last) v[14] = ~v[14];
    for (int i = 0; i < 16; i++) {
        uint64_t word = 0;
        for (int byte = 7; byte >= 0; byte--) word = word << 8 | hash->block[8 * i + byte];
        m[i] = word;
    }
#define MIX(a, b, c, d, x, y)                                                                                          \
    v[a] += v[b] + (x), v[d] = turned(v[d] ^ v[a], 32), v[c] += v[d], v[b] = turned(v[b] ^ v[c], 24),                  \
        v[a] += v[b] + (y), v[d] = turned(v[d] ^ v[a], 16), v[c] += v[d], v[b] = turned(v[b] ^ v[c], 63)
    for (int round = 0; round < 12; round++) {
        const uint8_t *o = ORDER[round];
        MIX(0, 4, 8, 12, m[o[0]], m[o[1]]), MIX(1, 5, 9, 13, m[o[2]], m[o[3]]);
        MIX(2, 6, 10, 14, m[o[4]], m[o[5]]), MIX(3, 7, 11, 15, m[o[6]], m[o[7]]);
        MIX(0, 5, 10, 15, m[o[8]], m[o[9]]), MIX(1, 6, 11, 12, m[o[10]], m[o[11]]);
        MIX(2, 7, 8, 13, m[o[12]], m[o[13]]), MIX(3, 4, 9, 14, m[o[14]], m[o[15]]);
    }
    for (int i = 0; i < 8; i++) hash->state[i] ^= v[i] ^ v[i + 8];
}

static void hash_begin(Hash *hash) {
    memcpy(hash->state, START, 64);
    hash->state[0] ^= 0x01010000 ^ HASH_BYTES;
    hash->length = 0;
    hash->filled = 0;
}

static void hash_add(Hash *hash, const char *text, size_t length) {
    while (length) {
        if (hash->filled == 128) {
            hash->length += 128;
            compress(hash, 0);
            hash->filled = 0;
        }
        size_t taken = 128 - hash->filled < length ? 128 - hash->filled : length;
        memcpy(hash->block + hash->filled, text, taken);
        hash->filled += taken, text += taken, length -= taken;
    }
}

static PyObject *hash_end(Hash *hash) {
    uint8_t digest[HASH_BYTES];
    hash->length += hash->filled;
    memset(hash->block + hash->filled, 0, 128 - hash->filled);
    compress(hash, 1);
    for (int i = 0; i < HASH_BYTES; i++) digest[i] = (uint8_t)(hash->state[i / 8] >> 8 * (i % 8));
    return PyBytes_FromStringAndSize((const char *)digest, HASH_BYTES);
}

/* ---- JSON ---- */

typedef struct {
    const char *text; /* NULL for null */
    Py_ssize_t length;
} Slice;

typedef struct {
    Slice name, value;
} Member;

typedef struct {
    const char *at, *end;
} Cursor;

static void skip_blanks(Cursor *cursor) {
    while (cursor->at < cursor->end &&
           (*cursor->at == ' ' || *cursor->at == '\n' || *cursor->at == '\t' || *cursor->at == '\r'))
        cursor->at++;
}

static int take(Cursor *cursor, char expected) {
    skip_blanks(cursor);
    if (cursor->at == cursor->end || *cursor->at != expected) return 0;
    cursor->at++;
    return 1;
}

static int read_string(Cursor *cursor, Slice *slice) {
    if (!take(cursor, '"')) return 0;
    slice->text = cursor->at;
    for (; cursor->at < cursor->end; cursor->at++) {
        unsigned char byte = (unsigned char)*cursor->at;
        if (byte == '"') {
            slice->length = cursor->at++ - slice->text;
            return 1;
        }
        if (byte < 0x20 || byte >= 0x7f || byte == '\\') return 0;
    }
    return 0;
}

static int equals(Slice slice, const char *text, Py_ssize_t length) {
    return slice.text != NULL && slice.length == length && memcmp(slice.text, text, (size_t)length) == 0;
}

#define IS(slice, literal) equals(slice, literal, (Py_ssize_t)sizeof(literal) - 1)

/* The members of an object of strings and nulls; that of the name `data`, an object itself, goes to `inner`.
   Gives their number, -1 where it is not plain. */
static int read_object(Cursor *cursor, Member *members, Member *inner, int *inner_count) {
    int count = 0;
    if (!take(cursor, '{')) return -1;
    if (take(cursor, '}')) return 0;
    do {
        if (count == MEMBERS_MAX) return -1;
        Member *member = &members[count];
        if (!read_string(cursor, &member->name) || !take(cursor, ':')) return -1;
        for (int i = 0; i < count; i++)
            if (equals(members[i].name, member->name.text, member->name.length)) return -1;
        skip_blanks(cursor);
        if (inner != NULL && IS(member->name, "data")) {
            if ((*inner_count = read_object(cursor, inner, NULL, NULL)) < 0) return -1;
            member->value.text = NULL, member->value.length = 0;
        } else if (inner == NULL && cursor->end - cursor->at >= 4 && memcmp(cursor->at, "null", 4) == 0) {
            cursor->at += 4;
            member->value.text = NULL, member->value.length = 0;
        } else if (!read_string(cursor, &member->value)) {
            return -1;
        }
        count++;
    } while (take(cursor, ','));
    return take(cursor, '}') ? count : -1;
}

/* ---- Values ---- */

static int is_identifier(Slice slice, Py_ssize_t longest) {
    return slice.text != NULL && slice.length >= 1 && slice.length <= longest && slice.text[0] != ' ' &&
           slice.text[slice.length - 1] != ' ';
}

static int digits(const char *text, int count) {
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') return -1;
        number = 10 * number + text[i] - '0';
    }
    return number;
}

/* Microseconds since 1970 of an RFC 3339 instant of the years 2000 to 2099, -1 for any other text. */
static int64_t instant_of(Slice slice) {
    static const int DAYS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const char *text = slice.text;
    if (text == NULL || slice.length < 20) return -1;
    int year = digits(text, 4), month = digits(text + 5, 2), day = digits(text + 8, 2);
    int hour = digits(text + 11, 2), minute = digits(text + 14, 2), second = digits(text + 17, 2);
    if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') return -1;
    if (year < 2000 || year > 2099 || month < 1 || month > 12 || day < 1) return -1;
    int is_leap = year % 4 == 0; /* so it is from 2000 to 2099 */
    if (day > DAYS[month - 1] + (month == 2 && is_leap)) return -1;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1;
    int64_t days = 10957 + 365 * (year - 2000) + (year - 2000 + 3) / 4 + day - 1 + (month > 2 && is_leap);
    for (int i = 0; i < month - 1; i++) days += DAYS[i];
    int64_t instant = days * DAY_US + (hour * 3600LL + minute * 60LL + second) * 1000000LL;
    Py_ssize_t at = 19;
    if (text[at] == '.') {
        int64_t unit = 100000;
        for (at++; at < slice.length && text[at] >= '0' && text[at] <= '9'; at++, unit /= 10)
            instant += (text[at] - '0') * unit;
        if (at == 20) return -1;
    }
    return at == slice.length - 1 && text[at] == 'Z' ? instant : -1;
}

static PyObject *text_of(Slice slice) { return PyUnicode_DecodeASCII(slice.text, slice.length, NULL); }

static int by_name(const void *one, const void *other) {
    Slice a = ((const Member *)one)->name, b = ((const Member *)other)->name;
    int order = memcmp(a.text, b.text, (size_t)(a.length < b.length ? a.length : b.length));
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

/* The hash of the type and of the data as JSON with its names in order. Sorts the members. */
static PyObject *content_of(Slice type, Member *members, int count) {
    Hash hash;
    hash_begin(&hash);
    hash_add(&hash, type.text, (size_t)type.length);
    hash_add(&hash, "\0{", 2);
    qsort(members, (size_t)count, sizeof(Member), by_name);
    for (int i = 0; i < count; i++) {
        hash_add(&hash, i ? ",\"" : "\"", i ? 2 : 1);
        hash_add(&hash, members[i].name.text, (size_t)members[i].name.length);
        if (members[i].value.text == NULL) {
            hash_add(&hash, "\":null", 6);
            continue;
        }
        hash_add(&hash, "\":\"", 3);
        hash_add(&hash, members[i].value.text, (size_t)members[i].value.length);
        hash_add(&hash, "\"", 1);
    }
    hash_add(&hash, "}", 1);
    return hash_end(&hash);
}

/* ---- The fields of a type, as schemas/plain.py lists them: (name, kind, is_required) ---- */

enum { IDENTIFIER, TEXT, INSTANT };

/* The value of a field; NULL without an exception where it is not plain. `*latest` grows to the last required instant. */
static PyObject *field_of(PyObject *field, const Member *members, int count, int64_t *latest, int *is_present) {
    Py_ssize_t length;
    const char *name = PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(field, 0), &length);
    if (name == NULL) return NULL;
    long kind = PyLong_AsLong(PyTuple_GET_ITEM(field, 1));
    int is_required = PyTuple_GET_ITEM(field, 2) == Py_True;
    const Member *member = NULL;
    for (int i = 0; i < count && member == NULL; i++)
        if (equals(members[i].name, name, length)) member = &members[i];
    *is_present = member != NULL;
    if (member == NULL || member->value.text == NULL || member->value.length == 0)
        return is_required ? NULL : Py_NewRef(Py_None);
    if (kind == INSTANT) {
        int64_t instant = instant_of(member->value);
        if (instant < 0) return NULL;
        if (is_required && instant > *latest) *latest = instant;
        return PyLong_FromLongLong(instant);
    }
    if (kind == IDENTIFIER ? !is_identifier(member->value, IDENTIFIER_MAX) : member->value.length > TEXT_MAX)
        return NULL;
    return text_of(member->value);
}

/* The dict of a model and the set of the names that are present, into `values` and `present`. 0 where it is not plain. */
static int data_of(PyObject *fields, const Member *members, int count, int64_t latest_allowed, PyObject *values,
                   PyObject *present) {
    int64_t latest = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(fields); i++) {
        PyObject *field = PyTuple_GET_ITEM(fields, i), *name = PyTuple_GET_ITEM(field, 0);
        int is_present;
        PyObject *value = field_of(field, members, count, &latest, &is_present);
        if (value == NULL) return 0;
        int failed = PyDict_SetItem(values, name, value) < 0 || (is_present && PySet_Add(present, name) < 0);
        Py_DECREF(value);
        if (failed) return 0;
    }
    return latest <= latest_allowed;
}

static PyObject *NAMES[4], *NO_ARGUMENTS;

/* What pydantic makes of values that it has validated. */
static PyObject *model_of(PyTypeObject *type, PyObject *values, PyObject *present) {
    PyObject *model = PyBaseObject_Type.tp_new(type, NO_ARGUMENTS, NULL), *parts[4] = {values, present, Py_None, Py_None};
    for (int i = 0; i < 4 && model != NULL; i++)
        if (PyObject_GenericSetAttr(model, NAMES[i], parts[i]) < 0) Py_CLEAR(model);
    return model;
}

static PyObject *read_event(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t argument_count) {
    if (argument_count != 2 || !PyBytes_Check(arguments[0]) || !PyDict_Check(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "read(value: bytes, types: dict)");
        return NULL;
    }
    Member members[MEMBERS_MAX], data[MEMBERS_MAX];
    int data_count = -1;
    Cursor cursor = {PyBytes_AS_STRING(arguments[0]), NULL};
    cursor.end = cursor.at + PyBytes_GET_SIZE(arguments[0]);
    int count = read_object(&cursor, members, data, &data_count);
    skip_blanks(&cursor);
    if (count < 0 || data_count < 0 || cursor.at != cursor.end) Py_RETURN_NONE;

    Slice specversion = {0}, source = {0}, id = {0}, type = {0}, time = {0};
    for (int i = 0; i < count; i++) {
        Slice name = members[i].name, value = members[i].value;
        if (IS(name, "specversion")) specversion = value;
        else if (IS(name, "source")) source = value;
        else if (IS(name, "id")) id = value;
        else if (IS(name, "type")) type = value;
        else if (IS(name, "time")) time = value;
        else if (IS(name, "data_base64") || (IS(name, "datacontenttype") && !IS(value, "application/json")))
            Py_RETURN_NONE;
    }
    int64_t instant = instant_of(time);
    if (!IS(specversion, "1.0") || !is_identifier(source, TEXT_MAX) || !is_identifier(id, IDENTIFIER_MAX) ||
        type.text == NULL || instant < 0)
        Py_RETURN_NONE;

    PyObject *result = NULL, *model = NULL;
    PyObject *type_name = text_of(type), *values = PyDict_New(), *present = PySet_New(NULL);
    if (type_name == NULL || values == NULL || present == NULL) goto done;
    PyObject *known = PyDict_GetItemWithError(arguments[1], type_name); /* (name, model, fields, is_activation) */
    if (known == NULL) goto done;
    int64_t latest_allowed = PyTuple_GET_ITEM(known, 3) == Py_True ? instant + DAY_US : INT64_MAX;
    if (!data_of(PyTuple_GET_ITEM(known, 2), data, data_count, latest_allowed, values, present)) goto done;
    if ((model = model_of((PyTypeObject *)PyTuple_GET_ITEM(known, 1), values, present)) == NULL) goto done;
    Hash identity;
    hash_begin(&identity);
    hash_add(&identity, source.text, (size_t)source.length);
    hash_add(&identity, "", 1);
    hash_add(&identity, id.text, (size_t)id.length);
    result = Py_BuildValue("(NNOLONN)", text_of(source), text_of(id), PyTuple_GET_ITEM(known, 0), (long long)instant,
                           model, hash_end(&identity), content_of(type, data, data_count));
done:
    Py_XDECREF(type_name), Py_XDECREF(values), Py_XDECREF(present), Py_XDECREF(model);
    if (result == NULL && !PyErr_Occurred()) Py_RETURN_NONE;
    return result;
}

static PyMethodDef METHODS[] = {
    {"read", (PyCFunction)(void (*)(void))read_event, METH_FASTCALL,
     "read(value, types): a plain event's source, id, type, time, data, identity and content; or None."},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "plain_event", NULL, 0, METHODS, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_plain_event(void) {
    static const char *const PARTS[4] = {"__dict__", "__pydantic_fields_set__", "__pydantic_extra__",
                                         "__pydantic_private__"};
    for (int i = 0; i < 4; i++)
        if ((NAMES[i] = PyUnicode_InternFromString(PARTS[i])) == NULL) return NULL;
    if ((NO_ARGUMENTS = PyTuple_New(0)) == NULL) return NULL;
    return PyModule_Create(&MODULE);
}
