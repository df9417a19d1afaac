using Floodgate.Messaging.Counters;
using StackExchange.Redis;

namespace Floodgate.VisibleValues.Reactions;

/// <summary>Knows the recent reactions of users, and may forget anything at any time.</summary>
public interface IReactionReads
{
    /// <summary>What is remembered of pairs of a user.</summary>
    /// <param name="user">Who.</param>
    /// <param name="posts">The posts, in whose order the answer is.</param>
    /// <param name="batch">What Redis is asked with, together with other things; null: at once.</param>
    Task<RememberedReactions> ReadAsync(long user, IReadOnlyList<long> posts, IDatabaseAsync? batch = null);
}

/// <summary>Remembers the recent reactions of users. What it says is settled is durable; it may forget anything at any time.</summary>
public interface IReactionMemory : IReactionReads
{
    /// <summary>Announces a change of a pair and gets its version.</summary>
    /// <param name="user">Who.</param>
    /// <param name="post">What.</param>
    /// <param name="liked">The state wanted.</param>
    /// <param name="atLeast">The least version.</param>
    Task<Intent> IntendAsync(long user, long post, bool liked, long atLeast);

    /// <summary>Records that a reaction is durable.</summary>
    Task SettleAsync(in Reaction reaction);

    /// <summary>
    /// Announces that the pairs of a user will be read in the database and filled in. What was acknowledged before the mark was set and is not
    /// remembered must be flushed before they are read: see <see cref="CompleteAsync"/>.
    /// </summary>
    /// <param name="user">Who.</param>
    /// <param name="mark">A new mark; used if there is none.</param>
    Task MarkAsync(long user, string mark);

    /// <summary>
    /// Fills in the pairs of a user, as they were read on the primary while the mark was there; changes nothing if it is gone. Of what is not in it
    /// afterwards it is known that it is not liked.
    /// </summary>
    /// <param name="user">Who.</param>
    /// <param name="mark">The mark that was read.</param>
    /// <param name="stored">The pairs.</param>
    Task CompleteAsync(long user, string mark, StoredReactions stored);

    /// <summary>
    /// Tells what the database has of a pair, which may have been forgotten before it was flushed: so what says that it has all posts that a user likes
    /// has this one too.
    /// </summary>
    Task TellAsync(in Reaction reaction);
}
