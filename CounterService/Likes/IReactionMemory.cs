using System.Runtime.InteropServices;
using Floodgate.Messaging.Counters;

namespace Floodgate.CounterService.Likes;

/// <summary>What was said of a pair when a change of it was announced.</summary>
/// <param name="Announced">Whether it was heard; if not, something older may still be remembered for settled.</param>
/// <param name="Version">The version issued.</param>
/// <param name="Before">Whether it was liked, or is about to be; null where the pair is not known.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Intent(bool Announced, long Version, bool? Before);

/// <summary>Remembers the recent reactions of users. What it says is settled is durable; it may forget anything at any time.</summary>
internal interface IReactionMemory
{
    /// <summary>Announces a change of a pair and gets its version.</summary>
    Task<Intent> IntendAsync(long user, long post, bool liked, long atLeast);

    /// <summary>Records that a reaction is durable.</summary>
    Task SettleAsync(in Reaction reaction);

    /// <summary>Which of these posts a user likes: null where it is not known for certain.</summary>
    Task<bool?[]> ReadAsync(long user, IReadOnlyList<long> posts);
}
