using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Floodgate.TimelineService.Input;
using Floodgate.TimelineService.Posts;

namespace Floodgate.TimelineService.PendingPosts;

/// <summary>A post that was accepted while the primary was away, as it lies in the queue.</summary>
/// <param name="Id">Names the message, however often it is delivered.</param>
/// <param name="User">The author.</param>
/// <param name="Text">A valid text.</param>
/// <param name="Key">The caller's Idempotency-Key, or <see cref="KeyOf"/>.</param>
/// <param name="AcceptedAt">By the clock of the service that accepted it.</param>
/// <param name="TraceParent">The request, for the trace.</param>
internal sealed record PendingPost(Guid Id, long User, string Text, string Key, DateTimeOffset AcceptedAt, string? TraceParent)
{
    /// <summary>
    /// The key of a post whose caller gave none. The space is outside what a caller's key may hold, so it never is the key of
    /// somebody's request.
    /// </summary>
    public static string KeyOf(Guid id) => $"pending {id:N}";

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, PendingJson.Default.PendingPost);

    /// <summary>Reads a message.</summary>
    /// <returns>Whether it is a post.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out PendingPost? post)
    {
        post = null;
        try
        {
            if (JsonSerializer.Deserialize(body, PendingJson.Default.PendingPost) is { } read
                && read.Id != Guid.Empty && IdInput.IsValid(read.User) && !string.IsNullOrEmpty(read.Key)
                && TextInput.FindFault(read.Text, PostInput.MaximumText) is null)
            {
                post = read;
            }
        }
        catch (JsonException)
        {
            // Not a post.
        }

        return post is not null;
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PendingPost))]
internal sealed partial class PendingJson : JsonSerializerContext;
