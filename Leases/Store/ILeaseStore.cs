using Floodgate.Sessions;
using StackExchange.Redis;

namespace Floodgate.Leases.Store;

/// <summary>How an attempt to get a lease ended.</summary>
internal enum LeaseOutcome
{
    /// <summary>There is a current value: no lease is needed.</summary>
    Fresh,

    /// <summary>The lease is the caller's, who must fill, fail, or let it run out.</summary>
    Won,

    /// <summary>Somebody else has it.</summary>
    Wait,

    /// <summary>A fill failed a moment ago, and nobody is to try yet.</summary>
    Failed,
}

/// <summary>What an attempt to get a lease gave.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Entry">The entry as it is.</param>
internal sealed record LeaseAnswer(LeaseOutcome Outcome, Entry Entry)
{
    /// <summary>Whether the lease of somebody who died was taken over.</summary>
    public bool TakenOver { get; init; }

    /// <summary>How long the lease of the other still runs.</summary>
    public TimeSpan Remaining { get; init; }

    /// <summary>For how long some process may still serve the value from memory. Who has won waits for that before it fills.</summary>
    public TimeSpan Held { get; init; }

    /// <summary>What was believed when the lease was won: the fill is written as of that.</summary>
    public string Generation { get; init; } = "";

    /// <summary>Why the fill failed.</summary>
    public string Why { get; init; } = "";
}

/// <summary>What became of a fill.</summary>
internal enum FillVerdict
{
    /// <summary>It is the current value.</summary>
    Filled,

    /// <summary>Its snapshot is older than the last invalidation, or than what somebody was shown.</summary>
    BelowFloor,

    /// <summary>The entry was written under a later epoch than the filler knows of.</summary>
    OldGeneration,

    /// <summary>The lease was lost; it is kept as a stale value.</summary>
    Late,

    /// <summary>The lease was lost, and there is no use for it.</summary>
    Lost,
}

/// <summary>A value to be written under a lease, or after a commit.</summary>
/// <param name="Key">The key in Redis.</param>
/// <param name="Value">Its bytes; null where the origin has none.</param>
/// <param name="Holds">Everything up to here is in it.</param>
/// <param name="Shown">Nothing in it is newer.</param>
/// <param name="SoftExpiry">After how long it is to be refreshed.</param>
/// <param name="HardExpiry">After how long it is gone.</param>
/// <param name="Cost">How long the origin took.</param>
internal readonly record struct FillValue(
    string Key, byte[]? Value, WalPosition Holds, WalPosition Shown, TimeSpan SoftExpiry, TimeSpan HardExpiry, TimeSpan Cost);

/// <summary>
/// The entries in Redis and their transitions, each atomic on one key. Every method throws <see cref="StoreUnavailableException"/> where Redis does not
/// answer in time, or where it is not known which of its entries to believe.
/// </summary>
internal interface ILeaseStore
{
    /// <summary>Has a listener told what is pushed.</summary>
    void Attach(IStoreListener listener);

    /// <summary>Has it told no more.</summary>
    void Detach(IStoreListener listener);

    /// <summary>Whether it is worth asking.</summary>
    bool IsAvailable { get; }

    /// <summary>Which entries are believed, and under what is written; null while it is not known.</summary>
    string? Generation { get; }

    /// <summary>The time by the clock of Redis, in milliseconds since 1970, as well as it is known.</summary>
    long Now { get; }

    /// <summary>Reads entries, in one round trip.</summary>
    Task<Entry[]> ReadAsync(IReadOnlyList<string> keys);

    /// <summary>Asks whether entries still are what they were, in one round trip.</summary>
    /// <returns>Of each whether it is that version, and current: nothing that was announced is missing in it.</returns>
    Task<bool[]> CheckAsync(IReadOnlyList<EntryVersion> versions);

    /// <summary>
    /// Brings what is known of changes up to date: all that were announced before the call. Other commands can be sent to Redis behind the question, in the
    /// same round trip: they are run after it.
    /// </summary>
    /// <param name="behind">Adds them to those that are sent at once, and gives the last of them; null: there are none.</param>
    /// <returns>Whether that is so; where there is no log of changes to ask, nothing was sent. When it is, what was sent is answered, or has failed.</returns>
    Task<bool> CatchUpAsync(Func<IDatabaseAsync, Task>? behind);

    /// <summary>Whether entries are known to be still what they were when it was last asked what has changed.</summary>
    bool AreUnchanged(ReadOnlySpan<EntryVersion> versions);

    /// <summary>Reads entries and, where they are current, announces that this process will serve them from memory for so long, in one round trip.</summary>
    /// <returns>The entries, and which of them may be served from memory.</returns>
    Task<(Entry Entry, bool Held)[]> HoldAsync(IReadOnlyList<string> keys, TimeSpan duration);

    /// <summary>Tries to get leases, in one round trip.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="token">The leases' token: unique to this attempt, without blanks.</param>
    /// <param name="lease">How long they last.</param>
    /// <param name="seen">
    /// Of each key the <see cref="Entry.MetaText"/> of the value that is to be refreshed, or empty where there must be a value and the caller will wait.
    /// </param>
    Task<LeaseAnswer[]> AcquireAsync(IReadOnlyList<string> keys, string token, TimeSpan lease, IReadOnlyList<string> seen);

    /// <summary>Extends leases; one that was lost stays lost.</summary>
    Task ExtendAsync(IReadOnlyList<string> keys, string token, TimeSpan lease);

    /// <summary>Writes values and gives the leases back, in one round trip.</summary>
    /// <param name="values">The values.</param>
    /// <param name="token">The leases' token.</param>
    /// <param name="generation">What was believed when they were won.</param>
    Task<FillVerdict[]> FillAsync(IReadOnlyList<FillValue> values, string token, string generation);

    /// <summary>Gives leases back with an error that everybody gets for a while.</summary>
    Task FailAsync(IReadOnlyList<string> keys, string token, TimeSpan rest, string why);

    /// <summary>Raises the floor of a key, voids its lease and makes its value stale.</summary>
    /// <returns>How long a process may still serve the old value from memory.</returns>
    Task<TimeSpan> InvalidateAsync(string key, CommittedWrite write, TimeSpan floorLifetime);

    /// <summary>The same, and keeps the new value if it is certain that nothing came after it.</summary>
    /// <param name="value">The value.</param>
    /// <param name="write">The write.</param>
    /// <param name="floorLifetime">How long its floor is kept.</param>
    /// <param name="generation">What was believed when it was seen that Redis knows of all later writes.</param>
    Task<(bool Kept, TimeSpan Held)> UpdateAsync(FillValue value, CommittedWrite write, TimeSpan floorLifetime, string generation);
}

/// <summary>Is told what Redis pushes. The calls come from the client's own threads and must be short.</summary>
internal interface IStoreListener
{
    /// <summary>Somebody filled, failed or invalidated a key that this process waits for.</summary>
    void Woken(string key);

    /// <summary>A key that some process serves from memory was written.</summary>
    void Dropped(string key);

    /// <summary>The connection was lost or made: pushes may have been missed.</summary>
    void Disconnected();
}

/// <summary>Redis does not answer, or is not believed.</summary>
internal sealed class StoreUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
