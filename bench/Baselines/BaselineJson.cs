using System.Text.Json;
using System.Text.Json.Serialization;

namespace Floodgate.Bench.Baselines;

/// <summary>What to add: the shape of CounterService's request.</summary>
internal sealed record Addition(long? By);

/// <summary>The counter after it: the shape of CounterService's answer.</summary>
internal sealed record AdditionAnswer([property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Value);

/// <summary>The JSON, made at build time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Addition))]
[JsonSerializable(typeof(AdditionAnswer))]
internal sealed partial class BaselineJson : JsonSerializerContext;
