using System.Text.Json.Serialization;
using Floodgate.Posts;

namespace Floodgate.TimelineService.Posts;

/// <summary>A post, as callers see it. What is null is left out.</summary>
/// <param name="Id">Below 2^53, ordered by creation time.</param>
/// <param name="Author">The id of the user who wrote it.</param>
/// <param name="Text">1 to 5,000 characters.</param>
/// <param name="CreatedAt">In UTC.</param>
/// <param name="EditedAt">In UTC; null where it never was edited.</param>
internal sealed record Post(
    long Id, long Author, string Text, DateTime CreatedAt, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTime? EditedAt)
{
    /// <summary>How many users like it; null where CounterService did not say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Likes { get; set; }

    /// <summary>Whether the caller likes it; null where CounterService did not say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Liked { get; set; }

    /// <summary>A post that is not deleted.</summary>
    public static Post Of(StoredPost post) => new(post.Id, post.Author, post.Text, post.CreatedAt, post.EditedAt);

    /// <summary>As the cache keeps it.</summary>
    public StoredPost ToStored() => new(Id, Author, Text, CreatedAt, EditedAt, Deleted: false);
}

/// <summary>The body of <c>POST /posts</c> and <c>PATCH /posts/{id}</c>. A field that it does not know is refused: it may be a misspelt one.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PostText(string? Text);

/// <summary>One page of posts, newest first.</summary>
/// <param name="Items">The posts.</param>
/// <param name="Next">The cursor of the next page; null where there is none.</param>
internal sealed record PostPage(IReadOnlyList<Post> Items, string? Next);
