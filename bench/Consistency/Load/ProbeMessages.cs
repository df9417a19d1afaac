using System.Text.Json;
using System.Text.Json.Serialization;

namespace Floodgate.Bench.Consistency.Load;

// The JSON of the public interface, as far as the sessions read it.
internal sealed record ProbePost(long Id, string Text);

internal sealed record ProbePage(IReadOnlyList<ProbePost> Items, string? Next);

internal sealed record ProbeName(string Name);

internal sealed record ProbeText(string Text);

internal sealed record ProbeNothing;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ProbePost))]
[JsonSerializable(typeof(ProbePage))]
[JsonSerializable(typeof(ProbeName))]
[JsonSerializable(typeof(ProbeText))]
[JsonSerializable(typeof(ProbeNothing))]
internal sealed partial class ProbeJson : JsonSerializerContext;
