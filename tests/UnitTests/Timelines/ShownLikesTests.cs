using System.Reflection;
using Floodgate.Redis;
using Floodgate.Redis.Tracking;
using Floodgate.TimelineService;
using Floodgate.TimelineService.Posts;
using Floodgate.VisibleValues;
using Floodgate.VisibleValues.Likes;
using Floodgate.VisibleValues.Reactions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.UnitTests.Timelines;

public sealed class ShownLikesTests
{
    private static readonly long[] Posts = [1, 2];

    private readonly ManualClock _clock = new();
    private int _reads;

    [Fact]
    public async Task Redis_is_not_asked_where_somebody_may_have_raised_the_epoch_long_enough_ago()
    {
        var generation = new RedisGeneration(_clock);
        generation.SetRun("run", losses: 0);
        generation.SetEpoch(1, losses: 0);
        var likes = Create(generation);
        await Assert.ThrowsAsync<AskedException>(() => likes.Send(7, Posts)!.Pairs!);

        _clock.Advance(GenerationWatch.BelievedFor + TimeSpan.FromMilliseconds(1));

        Assert.Null(likes.Send(7, Posts));
        Assert.Equal(Posts, await likes.FindAsync(sent: null, Posts, []));
        Assert.Equal(1, _reads);
    }

    private ShownLikes Create(RedisGeneration generation)
    {
        var gate = new RedisGate(
            DispatchProxy.Create<IConnectionMultiplexer, Unanswered>(), Options.Create(new TimelineOptions()), _clock, NullLogger<RedisGate>.Instance);
        // There are no copies: nobody has connected.
        var metrics = new TrackedMetrics(new NoMeters());
        var counts = new LikeCounts(DispatchProxy.Create<IVisibleReads, Unanswered>(), new TrackedKind<long, LikeCount>(new LikeCountCodec(), 1, metrics), generation);
        var pairs = new ReaderLikes(new Reads(() => _reads++), new TrackedKind<ReaderPosts, SeenReactions>(new SeenReactionsCodec(), 1, metrics), generation);
        return new ShownLikes(counts, pairs, generation, gate);
    }

    // Gives null whatever it is asked for: what is of interest here is who is asked.
    public class Unanswered : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => null;
    }

    private sealed class AskedException : Exception;

    private sealed class Reads(Action asked) : IReactionReads
    {
        public Task<RememberedReactions> ReadAsync(long user, IReadOnlyList<long> posts, IDatabaseAsync? batch = null)
        {
            asked();
            throw new AskedException();
        }
    }
}
