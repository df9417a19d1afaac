using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Floodgate.Sessions;
using Floodgate.TimelineService.Input;

namespace Floodgate.TimelineService.FanOut;

/// <summary>A post to put into the timelines of some of its author's followers.</summary>
/// <param name="Post">The post.</param>
/// <param name="Author">Its author.</param>
/// <param name="Position">The followers are read at or past it, so that whoever followed before the post is among them.</param>
/// <param name="After">Only followers with a larger id.</param>
/// <param name="Until">Only followers up to this id, as the rest is another job already; 0: no end.</param>
/// <param name="Attempts">How often it failed.</param>
internal sealed record FanOutJob(long Post, long Author, WalPosition Position, long After, long Until = 0, int Attempts = 0)
{
    /// <summary>Names the chunk, however often it is delivered.</summary>
    public string Name => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Post}:{After}");

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(
        new FanOutMessage(Post, Author, Position.ToString(), After, Until, Attempts), FanOutJson.Default.FanOutMessage);

    /// <summary>Reads a message.</summary>
    /// <returns>Whether it is a job.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out FanOutJob? job)
    {
        job = null;
        try
        {
            if (JsonSerializer.Deserialize(body, FanOutJson.Default.FanOutMessage) is { } message
                && IdInput.IsValid(message.Post) && IdInput.IsValid(message.Author) && message.After >= 0 && message.Until >= 0
                && message.Attempts >= 0 && WalPosition.TryParse(message.Position, out var position))
            {
                job = new FanOutJob(message.Post, message.Author, position, message.After, message.Until, message.Attempts);
            }
        }
        catch (JsonException)
        {
            // Not a job.
        }

        return job is not null;
    }
}

/// <summary>A job as JSON.</summary>
internal sealed record FanOutMessage(long Post, long Author, string? Position, long After, long Until, int Attempts);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(FanOutMessage))]
internal sealed partial class FanOutJson : JsonSerializerContext;
