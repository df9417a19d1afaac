using Floodgate.FlushWorker.Applying;
using Floodgate.FlushWorker.Hosting;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues.Reactions;
using Microsoft.Extensions.Options;

namespace Floodgate.FlushWorker.Reconciling;

/// <summary>
/// Tells Redis of reactions that were flushed late: whoever filled a user's hash from the database meanwhile, after Redis had forgotten them, did not find
/// them there. What is flushed in time is found, as nobody fills earlier (see <see cref="CounterQueueOptions.FillAfter"/>); so in quiet times there are none.
/// </summary>
internal sealed class LateReactions(IReactionMemory memory, IFlushStore store, IOptions<FlushOptions> options, TimeProvider time)
{
    private const int AtOnce = 1000;

    /// <summary>Tells Redis of those among the reactions of a committed batch.</summary>
    /// <param name="reactions">The reactions.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Exception">Redis or the primary does not answer.</exception>
    public async Task TellAsync(IReadOnlyList<Reaction> reactions, CancellationToken cancellationToken)
    {
        var inTime = ReactionVersion.At(time.GetUtcNow() - options.Value.FlushInterval - (options.Value.FillAfter / 2));
        var late = reactions.Where(reaction => reaction.Version < inTime).ToList();
        if (late.Count == 0)
        {
            return;
        }

        // As they are now: what the batch says may have been overtaken. A flush that is behind has many, which are told some at a time, each with its own limit.
        foreach (var some in late.Chunk(AtOnce))
        {
            var states = await store.ReadReactionsAsync(some, cancellationToken);
            await Task.WhenAll(states.Select(state => memory.TellAsync(state))).WaitAsync(options.Value.RedisTimeout, time, cancellationToken);
        }
    }
}
