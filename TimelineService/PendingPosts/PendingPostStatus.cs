using System.Text.Json.Serialization;
using Floodgate.TimelineService.Posts;

namespace Floodgate.TimelineService.PendingPosts;

/// <summary>How far a pending post is, as its author sees it. What is null is left out.</summary>
/// <param name="Status"><c>processing</c>, <c>published</c>, <c>refused</c> or <c>lost</c>.</param>
/// <param name="Self">The status address.</param>
internal sealed record PendingPostStatus(string Status, string Self)
{
    public const string Processing = "processing";
    public const string Published = "published";
    public const string Refused = "refused";
    public const string Lost = "lost";

    /// <summary>The post, once it is published, unless it was deleted since.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Post? Post { get; init; }

    /// <summary>Why it never will be published: one of <see cref="Refusal"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }
}

/// <summary>Why a pending post can never be published.</summary>
internal static class Refusal
{
    public const string NoSuchUser = "no-such-user";

    /// <summary>Its Idempotency-Key was used for another text.</summary>
    public const string KeyUsed = "key-used";

    /// <summary>The database does not take such a post.</summary>
    public const string Invalid = "invalid";

    /// <summary>The message cannot be read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>Publishing failed again and again, and not for want of a server.</summary>
    public const string Failed = "failed";
}
