using Floodgate.Redis.Tracking;
using Floodgate.VisibleValues.Likes;

namespace Floodgate.UnitTests.Redis.Tracking;

/// <summary>Copies that a scripted Redis keeps up to date.</summary>
public abstract class TrackedScene : IAsyncDisposable
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private protected TrackedScene()
    {
        var metrics = new TrackedMetrics(new NoMeters());
        Counts = new TrackedKind<long, LikeCount>(new LikeCountCodec(), 3, metrics);
        Readers = new TrackedKind<ReaderPosts, SeenReactions>(new SeenReactionsCodec(), 3, metrics);
        Running = new TrackedSession(Server.Connection, [Counts, Readers], new TrackedSettings(Clock, IsOn: true, Patience), metrics).RunAsync(CancellationToken.None);
    }

    private protected ManualClock Clock { get; } = new();

    private protected TrackingServer Server { get; } = new();

    private protected TrackedKind<long, LikeCount> Counts { get; }

    private protected TrackedKind<ReaderPosts, SeenReactions> Readers { get; }

    private protected Task Running { get; }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected static string Changed(long post) => TrackingServer.Changed($"ctv:{{@likes/{post}}}");

    private protected static string Values(params long?[] likes) => TrackingServer.Values(Array.ConvertAll(likes, count => count is null ? null : $"g1|{count}"));

    private protected async Task KeepAsync(long post, long likes)
    {
        var asked = AskAsync(post);
        Assert.Equal($"MGET ctv:{{@likes/{post}}}", await Server.CommandAsync());
        await Server.SayAsync(Values(likes));
        Assert.Equal([likes], await asked);
    }

    // Nothing is kept of a post that nobody has: its answer comes behind all that was said before.
    private protected async Task ChangesAreHeardAsync()
    {
        var asked = AskAsync();
        Assert.Equal("PING", await Server.CommandAsync());
        await Server.SayAsync("+PONG");
        await asked;
    }

    private protected async Task<long?[]?> AskAsync(params long[] posts) =>
        await Counts.Ask(posts)!.ValuesAsync() is { } values ? Array.ConvertAll(values, value => value?.Likes) : null;

    private protected async Task<List<bool>?> LikedAsync(long reader, params long[] posts) =>
        await Readers.Ask([new ReaderPosts(reader, posts)])!.ValuesAsync() is [{ } seen] ? [.. seen.PairsAsOf("1:g").Select(pair => pair.Liked)] : null;
}
