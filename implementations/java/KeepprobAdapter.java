import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The wire protocol for implementations in Java: write the operations as methods of a subclass, and
 * call {@link #serve}.
 *
 * <p>An operation takes the request's args and its tensors by name, and answers tensors by name. To
 * refuse a request that is meaningless it throws IllegalArgumentException, to say that something is
 * not implemented UnsupportedOperationException; whatever else it throws counts as a failure.
 * {@code repeat} never reaches it: the successive calls are made here. Needs Gson, whose {@code
 * getAsDouble} also reads "NaN", "Infinity" and "-Infinity".
 */
public abstract class KeepprobAdapter {
  /** Its values lie row by row in one array: a double[], a float[] or, for uint8, a byte[]. */
  public record Tensor(int[] shape, Object values) {
    public static Tensor zeros(String dtype, int... shape) {
      int size = IntStream.of(shape).reduce(1, Math::multiplyExact);
      return switch (dtype) {
        case "float64" -> new Tensor(shape, new double[size]);
        case "float32" -> new Tensor(shape, new float[size]);
        case "uint8" -> new Tensor(shape, new byte[size]);
        default -> throw new UnsupportedOperationException("no " + dtype);
      };
    }

    public static Tensor scalar(double value) {
      return new Tensor(new int[0], new double[] {value});
    }

    public double[] doubles() {
      return (double[]) values;
    }

    public float[] floats() {
      return (float[]) values;
    }

    public int size() {
      return Array.getLength(values);
    }

    public String dtype() {
      if (values instanceof double[]) return "float64";
      return values instanceof float[] ? "float32" : "uint8";
    }

    /** In bytes, as it travels. */
    private int length() {
      return size() * Map.of("float64", 8, "float32", 4, "uint8", 1).get(dtype());
    }
  }

  protected Map<String, Tensor> dropout(JsonObject args, Map<String, Tensor> tensors)
      throws Exception {
    throw new UnsupportedOperationException("no operation dropout");
  }

  protected Map<String, Tensor> penalty(JsonObject args, Map<String, Tensor> tensors)
      throws Exception {
    throw new UnsupportedOperationException("no operation penalty");
  }

  protected Map<String, Tensor> step(JsonObject args, Map<String, Tensor> tensors)
      throws Exception {
    throw new UnsupportedOperationException("no operation step");
  }

  protected Map<String, Tensor> network(JsonObject args, Map<String, Tensor> tensors)
      throws Exception {
    throw new UnsupportedOperationException("no operation network");
  }

  private interface Operation {
    Map<String, Tensor> apply(JsonObject args, Map<String, Tensor> tensors) throws Exception;
  }

  private record Answer(JsonObject header, byte[] body) {}

  private static final Gson GSON = new Gson();

  private int repeatedRequests = 0;

  /**
   * Answers requests until stdin ends. {@code about} is JSON: name, version and capabilities, maybe
   * a homepage.
   */
  protected final void serve(String about) throws IOException {
    JsonObject hello = JsonParser.parseString(about).getAsJsonObject();
    hello.addProperty("protocol", 1);
    hello.addProperty("language", "java");
    InputStream requests = new BufferedInputStream(System.in, 1 << 16);
    OutputStream answers =
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16);
    System.setOut(System.err); // What anything else prints goes there from now on.
    for (String line = readLine(requests); !line.isEmpty(); line = readLine(requests)) {
      JsonObject request = JsonParser.parseString(line).getAsJsonObject();
      byte[] body = requests.readNBytes(request.has("bytes") ? request.get("bytes").getAsInt() : 0);
      Answer answer = answer(request, body, hello);
      answer.header.add("id", request.get("id"));
      answer.header.addProperty("bytes", answer.body.length);
      answers.write((answer.header + "\n").getBytes(UTF_8));
      answers.write(answer.body);
      answers.flush();
    }
  }

  private Answer answer(JsonObject request, byte[] body, JsonObject hello) {
    JsonArray listed = request.has("tensors") ? request.getAsJsonArray("tensors") : new JsonArray();
    try {
      return switch (request.get("op").getAsString()) {
        case "hello" -> answerOf(hello, new JsonArray(), new byte[0]);
        case "echo" -> answerOf(new JsonObject(), listed, body);
        case "dropout" -> ask(this::dropout, request, read(listed, body));
        case "penalty" -> ask(this::penalty, request, read(listed, body));
        case "step" -> ask(this::step, request, read(listed, body));
        case "network" -> ask(this::network, request, read(listed, body));
        default -> throw new UnsupportedOperationException("no operation " + request.get("op"));
      };
    } catch (Exception | LinkageError | AssertionError thrown) {
      // Whatever an operation throws is its answer, and the next request is served.
      thrown.printStackTrace();
      JsonObject error = new JsonObject();
      error.addProperty("code", codeOf(thrown));
      error.addProperty("message", thrown.toString());
      JsonObject header = new JsonObject();
      header.addProperty("ok", false);
      header.add("error", error);
      return new Answer(header, new byte[0]);
    }
  }

  private static Answer answerOf(JsonObject result, JsonArray tensors, byte[] body) {
    JsonObject header = new JsonObject();
    header.addProperty("ok", true);
    header.add("result", result);
    header.add("tensors", tensors);
    return new Answer(header, body);
  }

  private static String codeOf(Throwable thrown) {
    if (thrown instanceof IllegalArgumentException) return "invalid_argument";
    return thrown instanceof UnsupportedOperationException ? "unsupported" : "internal";
  }

  /**
   * What the operation answers; to {@code repeat}, what successive calls answer, stacked along a
   * leading axis.
   */
  private Answer ask(Operation operation, JsonObject request, Map<String, Tensor> tensors)
      throws Exception {
    JsonObject args = request.getAsJsonObject("args");
    JsonElement repeat = args.remove("repeat");
    if (repeat == null) return write(operation.apply(args, tensors));
    if (args.has("seed") && !args.has("layer")) {
      // Seeded once, before the first of the calls: a layer of their own.
      args.addProperty("layer", "repeated " + repeatedRequests++);
    }
    int calls = repeat.getAsInt();
    Map<String, Tensor> stacked = new LinkedHashMap<>();
    for (int call = 0; call < calls; call++) {
      for (var entry : operation.apply(args, tensors).entrySet()) {
        Tensor one = entry.getValue();
        Tensor all = stacked.computeIfAbsent(entry.getKey(), name -> leadingAxis(calls, one));
        System.arraycopy(one.values, 0, all.values, call * one.size(), one.size());
      }
    }
    return write(stacked);
  }

  private static Tensor leadingAxis(int length, Tensor one) {
    int[] shape = IntStream.concat(IntStream.of(length), IntStream.of(one.shape)).toArray();
    return new Tensor(
        shape, Array.newInstance(one.values.getClass().getComponentType(), length * one.size()));
  }

  /** The tensors that a header lists. */
  private static Map<String, Tensor> read(JsonArray listed, byte[] body) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    int offset = 0;
    for (JsonElement entry : listed) {
      JsonObject header = entry.getAsJsonObject();
      String dtype = header.get("dtype").getAsString();
      int[] shape = GSON.fromJson(header.get("shape"), int[].class);
      Tensor tensor = Tensor.zeros(dtype, shape);
      ByteBuffer bytes =
          ByteBuffer.wrap(body, offset, tensor.length()).order(ByteOrder.LITTLE_ENDIAN);
      if (tensor.values instanceof double[] doubles) bytes.asDoubleBuffer().get(doubles);
      else if (tensor.values instanceof float[] floats) bytes.asFloatBuffer().get(floats);
      else bytes.get((byte[]) tensor.values);
      tensors.put(header.get("name").getAsString(), tensor);
      offset += tensor.length();
    }
    return tensors;
  }

  private static Answer write(Map<String, Tensor> tensors) {
    JsonArray listed = new JsonArray();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    tensors.forEach(
        (name, tensor) -> {
          JsonObject header = new JsonObject();
          header.addProperty("name", name);
          header.addProperty("dtype", tensor.dtype());
          header.add("shape", GSON.toJsonTree(tensor.shape));
          listed.add(header);
          ByteBuffer bytes = ByteBuffer.allocate(tensor.length()).order(ByteOrder.LITTLE_ENDIAN);
          if (tensor.values instanceof double[] doubles) bytes.asDoubleBuffer().put(doubles);
          else if (tensor.values instanceof float[] floats) bytes.asFloatBuffer().put(floats);
          else bytes.put((byte[]) tensor.values);
          body.writeBytes(bytes.array());
        });
    return answerOf(new JsonObject(), listed, body.toByteArray());
  }

  private static String readLine(InputStream requests) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = requests.read(); b != '\n' && b >= 0; b = requests.read()) line.write(b);
    return line.toString(UTF_8);
  }
}
