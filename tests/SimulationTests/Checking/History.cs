using Floodgate.Messaging.Counters;

namespace Floodgate.SimulationTests.Checking;

/// <summary>What a client knows of an operation.</summary>
internal enum Outcome
{
    /// <summary>It was not taken.</summary>
    Refused,

    /// <summary>It may or may not have an effect.</summary>
    Unknown,

    /// <summary>It is durable.</summary>
    Acknowledged,
}

/// <summary>A like or an unlike.</summary>
internal sealed class LikeOperation(long user, long post, bool liked, TimeSpan started)
{
    public long User => user;

    public long Post => post;

    public bool Liked => liked;

    public TimeSpan Started => started;

    public TimeSpan Ended { get; private set; }

    public Outcome Outcome { get; private set; }

    /// <summary>How often Redis had lost something when it began.</summary>
    public int Losses { get; init; }

    public void End(Outcome outcome, TimeSpan at) => (Outcome, Ended) = (outcome, at);
}

/// <summary>
/// An addition: 1 at a place of its own in a number of base 4, so that a counter says of each addition how often it counts.
/// </summary>
internal sealed class AddOperation(CounterId counter, int digit)
{
    public CounterId Counter => counter;

    public int Digit => digit;

    public long Amount => 1L << (2 * digit);

    /// <summary>The best of all attempts.</summary>
    public Outcome Outcome { get; private set; }

    public void End(Outcome outcome, TimeSpan at)
    {
        _ = at;
        Outcome = outcome > Outcome ? outcome : Outcome;
    }

    /// <summary>How often it is in a value.</summary>
    public int TimesIn(long value) => (int)((value >> (2 * digit)) & 3);

    /// <summary>Whether it is in a value.</summary>
    public bool IsIn(long value) => TimesIn(value) > 0;
}

/// <summary>All that clients did.</summary>
internal sealed class History
{
    // 4^25 is below 2^53, up to which Redis computes exactly.
    private const int MostDigits = 26;

    private readonly List<LikeOperation> _likes = [];
    private readonly List<AddOperation> _additions = [];

    public IReadOnlyList<LikeOperation> Likes => _likes;

    public IReadOnlyList<AddOperation> Additions => _additions;

    /// <summary>A like begins.</summary>
    public LikeOperation Like(long user, long post, bool liked, TimeSpan at, int losses)
    {
        var operation = new LikeOperation(user, post, liked, at) { Losses = losses };
        _likes.Add(operation);
        return operation;
    }

    /// <summary>The write of a pair that came after all others: null where one may still take effect, or two were under way at once.</summary>
    public LikeOperation? LastOf(long user, long post)
    {
        var writes = _likes.FindAll(of => of.User == user && of.Post == post && (of.Outcome != Outcome.Refused || of.Ended == TimeSpan.Zero));
        return writes.Count > 0 && writes[^1] is { Outcome: Outcome.Acknowledged } last
            && writes.TrueForAll(of => of == last || (of.Outcome == Outcome.Acknowledged && of.Ended < last.Started)) ? last : null;
    }

    /// <summary>Whether a later write of the same pair was refused: it may have been announced, and then only the database says what the pair is.</summary>
    public bool IsRefusedSince(LikeOperation write) =>
        _likes.Exists(of => of.User == write.User && of.Post == write.Post && of.Outcome == Outcome.Refused && of.Started >= write.Ended);

    /// <summary>An addition begins; null where the counter has no place left.</summary>
    public AddOperation? Add(CounterId counter, TimeSpan at)
    {
        _ = at;
        var digit = _additions.Count(of => of.Counter == counter);
        if (digit >= MostDigits)
        {
            return null;
        }

        var operation = new AddOperation(counter, digit);
        _additions.Add(operation);
        return operation;
    }
}
