using System.Text.Json;
using System.Text.Json.Serialization;
using Floodgate.ReadRouter.Choice;

namespace Floodgate.ReadRouter.Status;

/// <summary>The answer of <c>GET /status</c>.</summary>
/// <param name="Nodes">The PostgreSQL nodes.</param>
/// <param name="Timeline">The timeline of the primary; 0 before it has answered.</param>
/// <param name="Alerts">The alerts that hold.</param>
/// <param name="Decisions">The last reads that did not simply go to a replica that was far enough, the newest first.</param>
/// <param name="Services">What each instance of each service says of itself: queue depth and age, cache figures. Null: it does not answer.</param>
internal sealed record StatusDocument(
    IReadOnlyList<NodeLine> Nodes, uint Timeline, IReadOnlyList<AlertLine> Alerts, IReadOnlyList<Decision> Decisions,
    IReadOnlyDictionary<string, JsonElement?[]> Services);

/// <summary>An alert that holds.</summary>
/// <param name="Name">Which: <c>lag</c>, <c>all-replicas-out</c>, <c>primary-away</c>, <c>spill-over-cap</c>, <c>timeline-changed</c>, <c>token-timeouts</c>, <c>canary-violation</c>, <c>timeline-difference</c>.</param>
/// <param name="Since">When it was raised.</param>
/// <param name="Detail">What is the matter.</param>
internal sealed record AlertLine(string Name, DateTimeOffset Since, string Detail);

/// <summary>A node as the router sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">
/// <c>primary</c>: it takes writes, and is written to. <c>replica</c>: it replays. <c>old-primary</c>: it takes writes, but a promotion has left it
/// behind. <c>unknown</c> before its first answer.
/// </param>
/// <param name="Health"><c>unknown</c>, <c>healthy</c>, <c>lagging</c>, <c>failed</c> or <c>diverged</c>.</param>
/// <param name="Position">Timeline and LSN it is known to have.</param>
/// <param name="Received">The LSN up to which it has received; past <paramref name="Position"/> where replay is behind.</param>
/// <param name="Streams">Whether WAL is streaming in.</param>
/// <param name="ReplayPaused">Whether replay was paused by hand.</param>
/// <param name="LagBytes">Behind the primary, in bytes.</param>
/// <param name="LagSeconds">Behind the primary, in seconds; a lower bound.</param>
/// <param name="ReplayRate">How fast it replays, in bytes a second.</param>
/// <param name="InFlight">Reads under way through this router.</param>
/// <param name="PolledMsAgo">Milliseconds since its last answer to a poll; null before the first.</param>
/// <param name="PollMs">How long that took, in milliseconds.</param>
internal sealed record NodeLine(
    string Name, string Role, string Health, string Position, string Received, bool Streams, bool ReplayPaused, ulong LagBytes, double LagSeconds,
    double ReplayRate, int InFlight, double? PolledMsAgo, double PollMs);

[JsonSerializable(typeof(StatusDocument))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DictionaryKeyPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class StatusJson : JsonSerializerContext;
