using System.Runtime.InteropServices;
using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Reading;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using Floodgate.VisibleValues;
using Floodgate.VisibleValues.Reactions;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace Floodgate.CounterService.Likes;

/// <summary>What became of a like.</summary>
/// <param name="Status">Whether it is durable.</param>
/// <param name="Likes">The post's likes with it; null where they are not known.</param>
/// <param name="RetryAfter">When to try again, if it was not taken.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LikeResult(WriteStatus Status, long? Likes, TimeSpan RetryAfter = default);

/// <summary>Sets the state of a (user, post) pair: a repeat changes nothing.</summary>
internal sealed class LikeWrites(
    WriteCoalescer coalescer, IReactionMemory hash, ReactionLookup lookup, ValueReader values, VersionClock clock,
    EpochRaise raise, RedisPatience patience, IOptions<CounterOptions> options, TimeProvider time, ILogger<LikeWrites> logger)
{
    /// <summary>Sets the state and waits until it is durable.</summary>
    /// <param name="user">Who.</param>
    /// <param name="post">A post that exists.</param>
    /// <param name="liked">The state wanted.</param>
    public async Task<LikeResult> SetAsync(long user, long post, bool liked)
    {
        var counter = CounterId.Likes(post);
        var partition = CounterPartition.Of(user, post, options.Value.Partitions);

        // What would be refused is not announced, or the next one would take it for the state before.
        if (coalescer.WouldRefuse(partition) is { } refusal)
        {
            return new LikeResult(refusal.Status, Likes: null, refusal.RetryAfter);
        }

        var intent = await IntendAsync(user, post, liked);
        var heard = Task.CompletedTask;
        if (!intent.Announced)
        {
            if (!await TryDisbelieveAsync())
            {
                return new LikeResult(WriteStatus.Away, Likes: null);
            }

            // Others hear of it a moment later, and show until then what is older than this like.
            heard = Task.Delay(GenerationWatch.HeardAfter, time);
        }

        var (version, before) = intent.Before is { } known ? (intent.Version, known) : await LookUpAsync(user, post, liked, intent.Version);
        var write = new PendingWrite(counter, (liked ? 1 : 0) - (before ? 1 : 0)) { Reaction = new Reaction(user, post, liked, version) };
        var outcome = await coalescer.WriteAsync(partition, write);
        if (outcome.Status == WriteStatus.Durable)
        {
            await heard;
        }

        return new LikeResult(outcome.Status, await values.AfterAsync(counter, outcome), outcome.RetryAfter);
    }

    // A like is about to be published that Redis did not hear of: what it remembers of the pair will be older. Where the primary
    // does not answer either, a like that is published now could be hidden behind that older state for long.
    private async Task<bool> TryDisbelieveAsync()
    {
        try
        {
            await raise.RaiseAsync().WaitAsync(options.Value.LookupTimeout, time);
            return true;
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException or TimeoutException or IOException)
        {
            CounterLog.EpochNotRaised(logger, exception);
            return false;
        }
    }

    private async Task<Intent> IntendAsync(long user, long post, bool liked)
    {
        var atLeast = clock.Next();
        try
        {
            return await patience.WaitAsync(hash.IntendAsync(user, post, liked, atLeast));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            CounterLog.RedisAway(logger, "reactions", exception.Message);
            return new Intent(Announced: false, atLeast, Before: null);
        }
    }

    // Redis does not know the pair: it was never written, or not for long, or Redis lost it. What the database says
    // makes the visible value right at once; without it the flush does.
    private async Task<(long Version, bool Before)> LookUpAsync(long user, long post, bool liked, long version)
    {
        try
        {
            var flushed = await lookup.GetAsync(user, post);
            return (flushed.Version >= version ? clock.Next(flushed.Version) : version, flushed.Liked);
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException or TimeoutException or IOException or LookupBusyException)
        {
            CounterLog.LookupFailed(logger, "reactions", exception);
            return (version, !liked);
        }
    }
}
