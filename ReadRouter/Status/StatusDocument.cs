using System.Text.Json;
using System.Text.Json.Serialization;

namespace Floodgate.ReadRouter.Status;

/// <summary>The answer of <c>GET /status</c>.</summary>
/// <param name="Nodes">The PostgreSQL nodes.</param>
/// <param name="Services">What each instance of each service says of itself: queue depth and age, cache figures. Null: it does not answer.</param>
internal sealed record StatusDocument(IReadOnlyList<NodeLine> Nodes, IReadOnlyDictionary<string, JsonElement?[]> Services);

/// <summary>A node as the router sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role"><c>primary</c> or <c>replica</c>, by what it says itself; <c>unknown</c> before its first answer.</param>
/// <param name="Health"><c>unknown</c>, <c>healthy</c>, <c>lagging</c> or <c>failed</c>.</param>
/// <param name="Position">Timeline and LSN it is known to have.</param>
/// <param name="LagBytes">Behind the primary, in bytes.</param>
/// <param name="LagSeconds">Behind the primary, in seconds; a lower bound.</param>
/// <param name="InFlight">Reads under way through this router.</param>
/// <param name="PolledMsAgo">Milliseconds since its last answer to a poll; null before the first.</param>
internal sealed record NodeLine(
    string Name, string Role, string Health, string Position, ulong LagBytes, double LagSeconds, int InFlight, double? PolledMsAgo);

[JsonSerializable(typeof(StatusDocument))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DictionaryKeyPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class StatusJson : JsonSerializerContext;
