using System.Text.Json;
using System.Text.Json.Serialization;

namespace Floodgate.Bench.CacheNode.Messages;

/// <summary>The JSON between whoever measures and the nodes, made at build time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(NewItems))]
[JsonSerializable(typeof(WaveRequest))]
[JsonSerializable(typeof(WaveAnswer))]
[JsonSerializable(typeof(OriginFigures))]
[JsonSerializable(typeof(GateState))]
[JsonSerializable(typeof(ReadItem))]
[JsonSerializable(typeof(LoadRequest))]
[JsonSerializable(typeof(LoadAnswer))]
[JsonSerializable(typeof(WarmRequest))]
[JsonSerializable(typeof(WriteRequest))]
[JsonSerializable(typeof(WriteAnswer))]
[JsonSerializable(typeof(ToldWrite))]
[JsonSerializable(typeof(TripsRequest))]
[JsonSerializable(typeof(TripsAnswer))]
internal sealed partial class NodeJson : JsonSerializerContext;
