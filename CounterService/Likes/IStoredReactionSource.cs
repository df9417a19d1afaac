using Floodgate.VisibleValues.Reactions;

namespace Floodgate.CounterService.Likes;

/// <summary>Where all pairs of users are: the primary.</summary>
internal interface IStoredReactionSource
{
    /// <summary>Reads the pairs of users with the newest posts; the answers are in the order of the users.</summary>
    /// <exception cref="Exception">The primary does not answer in time.</exception>
    Task<IReadOnlyList<StoredReactions>> ReadAsync(IReadOnlyList<long> users);
}
