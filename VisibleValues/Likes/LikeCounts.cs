using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using Floodgate.Redis.Tracking;
using StackExchange.Redis;

namespace Floodgate.VisibleValues.Likes;

/// <summary>Reads how many likes posts have: from copies that Redis keeps up to date, and where there are none from Redis.</summary>
public sealed class LikeCounts
{
    private readonly IVisibleReads _counters;
    private readonly TrackedKind<long, LikeCount> _copies;
    private readonly RedisGeneration _generation;

    /// <summary>Creates it.</summary>
    /// <param name="counters">Reads them from Redis.</param>
    /// <param name="copies">The copies.</param>
    /// <param name="generation">What is believed.</param>
    internal LikeCounts(IVisibleReads counters, TrackedKind<long, LikeCount> copies, RedisGeneration generation) =>
        (_counters, _copies, _generation) = (counters, copies, generation);

    /// <summary>Whether copies are kept now.</summary>
    public bool AreKept => _copies.IsKept;

    /// <summary>The likes of posts as they were at some moment after the call, in the order of the posts; null where CounterService must be asked.</summary>
    /// <param name="posts">The posts, each once.</param>
    /// <param name="batch">What Redis is asked with, together with other things, and whatever copies there are; null: at once, and only for want of copies.</param>
    /// <exception cref="RedisException">Redis is away.</exception>
    public Task<IReadOnlyList<long?>> ReadAsync(IReadOnlyList<long> posts, IDatabaseAsync? batch = null)
    {
        var losses = _generation.Losses;
        return batch is null && _copies.Ask(posts) is { } asked ? ReadAsync(posts, asked, losses) : ReadFromRedisAsync(posts, batch);
    }

    private async Task<IReadOnlyList<long?>> ReadAsync(IReadOnlyList<long> posts, TrackedRead<long, LikeCount> asked, long losses)
    {
        // What is believed is said of the run that others speak to: copies of another one, or of nobody knows which, say nothing.
        if (await asked.ValuesAsync() is not { } shown || _generation.Losses != losses || _generation.Run != asked.Run)
        {
            return await ReadFromRedisAsync(posts, batch: null);
        }

        var likes = new long?[shown.Length];
        if (_generation.Current is { } current)
        {
            for (var i = 0; i < likes.Length; i++)
            {
                likes[i] = shown[i] is { } one && RedisGeneration.Believes(one.Generation, current) ? one.Likes : null;
            }
        }

        return likes;
    }

    private Task<IReadOnlyList<long?>> ReadFromRedisAsync(IReadOnlyList<long> posts, IDatabaseAsync? batch)
    {
        var wanted = new CounterId[posts.Count];
        for (var i = 0; i < wanted.Length; i++)
        {
            wanted[i] = CounterId.Likes(posts[i]);
        }

        return _counters.ReadAsync(wanted, batch);
    }
}
