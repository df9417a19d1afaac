using System.Text.Json.Serialization;

namespace Floodgate.TimelineService.Streaming;

/// <summary>The names of the events.</summary>
internal static class StreamEvents
{
    public const string Ready = "ready";
    public const string Post = "post";
    public const string Edit = "edit";
    public const string Likes = "likes";
    public const string Gone = "gone";
    public const string Session = "session";
    public const string Reset = "reset";

    /// <summary>A comment, not an event: counted under this name.</summary>
    public const string Heartbeat = "heartbeat";
}

/// <summary>The client has been told everything up to now.</summary>
/// <param name="Ids">The posts on its screen, newest first.</param>
internal sealed record ReadyData(IReadOnlyList<long> Ids);

/// <summary>The likes of a post on the screen changed.</summary>
internal sealed record LikesData(long Id, long Likes, bool Liked);

/// <summary>A post on the screen was deleted, or its author is not followed any more.</summary>
internal sealed record GoneData(long Id);

/// <summary>What comes next was read further on than the session knows.</summary>
/// <param name="Token">To be sent as <c>Floodgate-Session</c> from now on.</param>
internal sealed record SessionData(string Token);

/// <summary>The client missed more than it is sent, and must load its page anew.</summary>
internal sealed record ResetData(int MoreThan);

/// <summary>The JSON of the events, generated at build time; that of a post is <see cref="TimelineJson"/>'s.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ReadyData))]
[JsonSerializable(typeof(LikesData))]
[JsonSerializable(typeof(GoneData))]
[JsonSerializable(typeof(SessionData))]
[JsonSerializable(typeof(ResetData))]
internal sealed partial class StreamJson : JsonSerializerContext;
