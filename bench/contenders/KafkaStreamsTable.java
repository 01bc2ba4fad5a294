import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.*;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.*;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.*;

/**
 * Kafka Streams, exactly once, into the table of the loop by a JDBC sink of our own.
 *
 * java KafkaStreamsTable BOOTSTRAP TOPIC_PREFIX APPLICATION_ID JDBC_URL STATE_FOLDER
 *
 * Messages are taken apart into changes of tokens, keyed by serial; activations meet the tokens of their station in a
 * store keyed by station; each change is folded into its token's columns in a store, last write wins, and the rows
 * go to Postgres ten times a second, or 5,000 at once. One thread: one core.
 */
public final class KafkaStreamsTable {
    static final ObjectMapper JSON = new ObjectMapper();
    static final ZoneId ZONE = ZoneId.of("America/Los_Angeles");
    static final Duration WRITE_EVERY = Duration.ofMillis(100);
    static final String[] TOPICS = {"orders", "shipments", "applications", "activations", "transfers", "retractions"};
    static final String[] HEADER = {"org_id", "org_name", "purchase_order", "sales_order", "customer_reference",
        "customer_name", "customer_id", "order_date"};
    static final String[] PLAN = {"part_number", "cloud_plan", "description", "term_years", "token_type"};

    public static void main(String[] arguments) throws Exception {
        String prefix = arguments[1];
        Connection postgres = DriverManager.getConnection(arguments[3]);
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(store("tokens"));
        builder.addStateStore(store("stations"));
        Consumed<String, byte[]> consumed = Consumed.with(Serdes.String(), Serdes.ByteArray());
        List<String> topics = Arrays.stream(TOPICS).map(prefix::concat).collect(Collectors.toList());
        KStream<String, JsonNode> events = builder.stream(topics, consumed).mapValues(KafkaStreamsTable::parse);
        KStream<String, byte[]> named = repartitioned(events.flatMap((key, event) -> ofTokens(event)), "named");
        KStream<String, byte[]> activated = repartitioned(
            repartitioned(events.flatMap((key, event) -> ofStations(event)), "stations")
                .process(StationFold::new, "stations"), "activated");
        named.merge(activated).process(() -> new TokenFold(new KafkaStreamsRows(postgres)), "tokens");

        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[2]);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[4]);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 500);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 64 * 1024 * 1024L);
        settings.put("auto.offset.reset", "earliest");
        settings.put("max.poll.records", 5_000);
        KafkaStreams streams = new KafkaStreams(builder.build(settings), settings);
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse
                .SHUTDOWN_APPLICATION;
        });
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                System.out.println("consuming");
            } else if (now == KafkaStreams.State.ERROR) {
                Runtime.getRuntime().halt(1);
            }
        });
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    static StoreBuilder<KeyValueStore<String, byte[]>> store(String name) {
        return Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(name), Serdes.String(), Serdes.ByteArray()).withCachingEnabled();
    }

    static KStream<String, byte[]> repartitioned(KStream<String, byte[]> stream, String name) {
        return stream.repartition(Repartitioned.with(Serdes.String(), Serdes.ByteArray())
            .withName(name).withNumberOfPartitions(4));
    }

    static JsonNode parse(byte[] message) {
        try {
            return JSON.readTree(message);
        } catch (java.io.IOException error) {
            throw new IllegalArgumentException(error);
        }
    }

    static byte[] bytes(JsonNode value) {
        try {
            return JSON.writeValueAsBytes(value);
        } catch (com.fasterxml.jackson.core.JsonProcessingException error) {
            throw new IllegalArgumentException(error);
        }
    }

    static String localDate(JsonNode instant) {
        return OffsetDateTime.parse(instant.asText()).atZoneSameInstant(ZONE).toLocalDate().toString();
    }

    static void copy(JsonNode from, ObjectNode to, String... names) {
        for (String name : names) {
            if (from.hasNonNull(name)) {
                to.set(name, from.get(name));
            }
        }
    }

    /** Changes of columns by serial; an explicit null empties one. */
    static List<KeyValue<String, byte[]>> ofTokens(JsonNode event) {
        List<KeyValue<String, byte[]>> changes = new ArrayList<>();
        JsonNode data = event.get("data");
        ObjectNode columns = JSON.createObjectNode();
        switch (event.get("type").asText().replace("servicetokens.", "")) {
            case "order.placed.v1" -> {
                for (JsonNode line : data.get("lines")) {
                    columns = JSON.createObjectNode();
                    copy(data, columns, HEADER);
                    copy(line, columns, PLAN);
                    each(line.get("token_serials"), columns, changes);
                }
            }
            case "order.shipped.v1" -> {
                for (JsonNode line : data.get("lines")) {
                    columns.set("sales_order", line.get("sales_order"));
                    columns.set("ship_date", data.get("ship_date"));
                    each(line.get("token_serials"), columns, changes);
                }
            }
            case "token.returned.v1" ->
                each(data.get("token_serials"), columns.put("returned_date", localDate(data.get("returned_at"))), changes);
            case "token.applied.v1" -> {
                copy(data, columns, "station_serial", "station_name", "evse_id");
                columns.put("applied_date", localDate(data.get("applied_at")));
                changes.add(KeyValue.pair(data.get("token_serial").asText(), bytes(columns)));
            }
            case "token.unapplied.v1" -> {
                Stream.of("station_serial", "station_name", "evse_id", "applied_date").forEach(columns::putNull);
                changes.add(KeyValue.pair(data.get("token_serial").asText(), bytes(columns)));
            }
            case "token.transferred.v1" -> {
                columns.set("org_id", data.get("to_org_id"));
                columns.set("org_name", data.get("to_org_name"));
                each(data.get("token_serials"), columns, changes);
            }
            default -> { }
        }
        return changes;
    }

    static void each(JsonNode serials, ObjectNode columns, List<KeyValue<String, byte[]>> changes) {
        byte[] value = bytes(columns);
        serials.forEach(serial -> changes.add(KeyValue.pair(serial.asText(), value)));
    }

    /** What a station hears: a token that was applied to it, or that it was activated. */
    static List<KeyValue<String, byte[]>> ofStations(JsonNode event) {
        JsonNode data = event.get("data");
        ObjectNode said = JSON.createObjectNode();
        switch (event.get("type").asText()) {
            case "servicetokens.token.applied.v1" -> said.set("token_serial", data.get("token_serial"));
            case "servicetokens.station.activated.v1" -> said.set("activated_at", data.get("activated_at"));
            default -> {
                return List.of();
            }
        }
        return List.of(KeyValue.pair(data.get("station_serial").asText(), bytes(said)));
    }

    /** The tokens ever applied to a station; an activation goes to each of them. */
    static final class StationFold extends ContextualProcessor<String, byte[], String, byte[]> {
        @Override
        public void process(Record<String, byte[]> record) {
            KeyValueStore<String, byte[]> stations = context().getStateStore("stations");
            byte[] held = stations.get(record.key());
            ObjectNode serials = held == null ? JSON.createObjectNode() : (ObjectNode) parse(held);
            JsonNode said = parse(record.value());
            if (said.has("token_serial")) {
                stations.put(record.key(), bytes(serials.put(said.get("token_serial").asText(), true)));
                return;
            }
            byte[] change = bytes(JSON.createObjectNode().put("activation_date", localDate(said.get("activated_at")))
                .put("at_station", record.key()));
            serials.fieldNames().forEachRemaining(serial -> context().forward(record.withKey(serial).withValue(change)));
        }
    }

    /** The columns of a token. */
    static final class TokenFold extends ContextualProcessor<String, byte[], Void, Void> {
        private final KafkaStreamsRows rows;

        TokenFold(KafkaStreamsRows rows) {
            this.rows = rows;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            super.init(context);
            context.schedule(WRITE_EVERY, PunctuationType.WALL_CLOCK_TIME, at -> rows.write());
        }

        @Override
        public void process(Record<String, byte[]> record) {
            KeyValueStore<String, byte[]> tokens = context().getStateStore("tokens");
            byte[] held = tokens.get(record.key());
            ObjectNode columns = held == null ? JSON.createObjectNode() : (ObjectNode) parse(held);
            ObjectNode change = (ObjectNode) parse(record.value());
            JsonNode station = change.remove("at_station");
            if (station != null && (columns.has("activation_date") || !station.equals(columns.get("station_serial")))) {
                return; // activated before, or at a station that it has left
            }
            columns.setAll(change);
            tokens.put(record.key(), bytes(columns));
            rows.put(record.key(), columns);
        }
    }
}
