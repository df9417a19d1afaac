using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Floodgate.Sessions;
using Floodgate.TimelineService.Input;

namespace Floodgate.TimelineService.FanOut;

/// <summary>What a job asks for.</summary>
internal enum FanOutKind
{
    /// <summary>A post is pushed to a chunk of its author's followers.</summary>
    Chunk = 0,

    /// <summary>The audience of a post is cut into chunks.</summary>
    Plan = 1,

    /// <summary>The posts of a closed pull range are pushed to a chunk of their author's followers.</summary>
    Backfill = 2,
}

/// <summary>Something to put into the timelines of some of an author's followers.</summary>
/// <param name="Post">The post, the oldest of several; of a backfill the key of the range.</param>
/// <param name="Author">The author.</param>
/// <param name="Position">The followers are read at or past it, so that whoever followed before the post is among them.</param>
/// <param name="After">Only followers with a larger id.</param>
/// <param name="Until">Only followers up to this id, as the rest is another job already; 0: no end.</param>
/// <param name="Attempts">How often it failed.</param>
/// <param name="Kind">What it asks for.</param>
internal sealed record FanOutJob(
    long Post, long Author, WalPosition Position, long After, long Until = 0, int Attempts = 0, FanOutKind Kind = FanOutKind.Chunk)
{
    /// <summary>How many posts a job may have: few beside what a list may grow by before it is trimmed, so that a script of many timelines trims a few of them only.</summary>
    public const int MostPosts = 20;

    /// <summary>Further posts of the author that are pushed together with it; null where there are none.</summary>
    public long[]? Others { get; init; }

    /// <summary>How many jobs may travel together.</summary>
    public const int MostTogether = 50;

    /// <summary>
    /// Further jobs that travel with it in one message, each for all followers of a small audience, at the same position; null where there are none. Only a
    /// first chunk without end has any.
    /// </summary>
    public FanOutJob[]? More { get; init; }

    /// <summary>The jobs of the message, each by itself.</summary>
    public FanOutJob[] Apart => More is { } more ? [this with { More = null }, .. more] : [this];

    /// <summary>All its posts, without those of further jobs.</summary>
    public long[] Posts => Others is { } others ? [Post, .. others] : [Post];

    /// <summary>Names what is done for each post, also of further jobs: however often it is delivered, and together with whichever others.</summary>
    public IEnumerable<string> Names => Posts.Select(NameOf).Concat(More?.SelectMany(job => job.Names) ?? []);

    private string NameOf(long post) => Kind switch
    {
        FanOutKind.Plan => string.Create(CultureInfo.InvariantCulture, $"plan:{post}"),
        FanOutKind.Backfill => string.Create(CultureInfo.InvariantCulture, $"backfill:{post}:{After}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{post}:{After}"),
    };

    /// <summary>The names that the first job of a post may have.</summary>
    public static string[] FirstNames(long post) =>
        [new FanOutJob(post, 0, default, After: 0).NameOf(post), new FanOutJob(post, 0, default, After: 0, Kind: FanOutKind.Plan).NameOf(post)];

    /// <summary>The same for these posts of it alone.</summary>
    /// <param name="posts">In ascending order; at least one.</param>
    public FanOutJob For(ReadOnlySpan<long> posts) => this with { Post = posts[0], Others = posts.Length > 1 ? posts[1..].ToArray() : null };

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(
        new FanOutMessage(Post, Author, Position.ToString(), After, Until, Attempts, (int)Kind, Others, More is null ? null : Array.ConvertAll(More, job => new FurtherMessage(job.Post, job.Author, job.Others))), FanOutJson.Default.FanOutMessage);

    /// <summary>Reads a message.</summary>
    /// <returns>Whether it is a job.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out FanOutJob? job)
    {
        job = null;
        try
        {
            if (JsonSerializer.Deserialize(body, FanOutJson.Default.FanOutMessage) is { } message
                && IsValid(message.Post, message.Author, message.Others) && message.After >= 0 && message.Until >= 0
                && (message.More is not { } more || (IsFirst(message) && more.Length < MostTogether && Array.TrueForAll(more, of => IsValid(of.Post, of.Author, of.Others))))
                && message.Attempts >= 0 && Enum.IsDefined((FanOutKind)message.Kind) && WalPosition.TryParse(message.Position, out var position))
            {
                job = new FanOutJob(message.Post, message.Author, position, message.After, message.Until, message.Attempts, (FanOutKind)message.Kind)
                {
                    Others = message.Others,
                    More = message.More is null ? null : Array.ConvertAll(message.More, of => new FanOutJob(of.Post, of.Author, position, After: 0) { Others = of.Others }),
                };
            }
        }
        catch (JsonException)
        {
            // Not a job.
        }

        return job is not null;
    }

    private static bool IsFirst(FanOutMessage message) => message is { After: 0, Until: 0, Attempts: 0, Kind: (int)FanOutKind.Chunk };

    private static bool IsValid(long post, long author, long[]? others) =>
        IdInput.IsValid(post) && IdInput.IsValid(author) && (others is null || (others.Length < MostPosts && Array.TrueForAll(others, IdInput.IsValid)));
}

/// <summary>A job as JSON.</summary>
internal sealed record FanOutMessage(long Post, long Author, string? Position, long After, long Until, int Attempts, int Kind, long[]? Others = null, FurtherMessage[]? More = null);

/// <summary>A further job of a message.</summary>
internal sealed record FurtherMessage(long Post, long Author, long[]? Others);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(FanOutMessage))]
internal sealed partial class FanOutJson : JsonSerializerContext;
