import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rows that wait for Postgres. Streams has no hook before a commit for whoever writes elsewhere: those that wait when
 * it is killed are missing until their token changes again.
 */
final class KafkaStreamsRows {
    static final String[] COLUMNS = Stream.of(Arrays.stream(KafkaStreamsTable.HEADER),
        Arrays.stream(KafkaStreamsTable.PLAN), Stream.of("evse_id",
        "station_serial", "station_name", "applied_date", "ship_date", "returned_date", "activation_date"))
        .flatMap(each -> each).toArray(String[]::new);
    private static final int MOST = 5_000;
    private final Connection postgres;
    private final Map<String, ObjectNode> waiting = new TreeMap<>();

    KafkaStreamsRows(Connection postgres) {
        this.postgres = postgres;
    }

    void put(String serial, ObjectNode columns) {
        waiting.put(serial, columns);
        if (waiting.size() >= MOST) {
            write();
        }
    }

    private static String type(String column) {
        return column.endsWith("_date") ? "date" : column.equals("term_years") ? "integer" : "text";
    }

    void write() {
        if (waiting.isEmpty()) {
            return;
        }
        String names = String.join(", ", COLUMNS);
        String arrays = Arrays.stream(COLUMNS).map(each -> "?::" + type(each) + "[]").collect(Collectors.joining(", "));
        String updates = Arrays.stream(COLUMNS).map(each -> each + " = excluded." + each).collect(Collectors.joining(", "));
        try (PreparedStatement upsert = postgres.prepareStatement(
                "insert into tokens (token_serial, " + names + ") select * from unnest(?::text[], " + arrays
                + ") on conflict (token_serial) do update set " + updates)) {
            upsert.setArray(1, postgres.createArrayOf("text", waiting.keySet().toArray()));
            for (int number = 0; number < COLUMNS.length; number++) {
                String column = COLUMNS[number];
                Object[] cells = waiting.values().stream()
                    .map(row -> row.hasNonNull(column) ? row.get(column).asText() : null).toArray();
                upsert.setArray(number + 2, postgres.createArrayOf("text", cells));
            }
            upsert.executeUpdate();
        } catch (SQLException error) {
            throw new IllegalStateException(error);
        }
        waiting.clear();
    }
}
