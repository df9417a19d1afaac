using Floodgate.Bench.Consistency.Histories;

namespace Floodgate.Bench.Consistency.Checking;

/// <summary>What a session must see from now on, apart by guarantee.</summary>
internal sealed class SessionView
{
    private readonly Dictionary<int, int> _merged = [];
    private readonly Requirements[] _byGuarantee = [new(), new(), new(), new()];

    /// <summary>The guarantees that are kept apart.</summary>
    public static IReadOnlyList<Guarantee> Guarantees { get; } =
        [Guarantee.ReadYourWrites, Guarantee.MonotonicReads, Guarantee.MonotonicWrites, Guarantee.WritesFollowReads];

    /// <summary>The registers that were on the session's home timeline, and the read that saw each there.</summary>
    public Dictionary<int, Operation> OnTimeline { get; } = [];

    /// <summary>What a guarantee requires of the session's reads.</summary>
    public Requirements this[Guarantee guarantee] => _byGuarantee[(int)guarantee];

    /// <summary>The session wrote, and knows that it is done.</summary>
    public void Wrote(Operation write) => this[Guarantee.ReadYourWrites].Raise(write.Written, () => [write]);

    /// <summary>The session saw a version, and with it everything that its write depends on.</summary>
    public void Saw(RegisterVersion seen, Operation read, WriteContext? context)
    {
        this[Guarantee.MonotonicReads].Raise(seen, () => [read]);

        // A later version of the same register depends on no less, as the same session wrote it.
        if (context is null || (_merged.TryGetValue(seen.Register, out var merged) && merged >= seen.Version)) return;
        _merged[seen.Register] = seen.Version;
        foreach (var own in context.Own) this[Guarantee.MonotonicWrites].Raise(own.On, () => [own.Because, context.Write, read]);
        foreach (var other in context.Read) this[Guarantee.WritesFollowReads].Raise(other.On, () => [other.Because, context.Write, read]);
    }

    /// <summary>The session goes on from where another one is too.</summary>
    public void Adopt(SessionView other, Operation adoption)
    {
        foreach (var guarantee in Guarantees) this[guarantee].RaiseAll(other[guarantee], adoption);
    }

    /// <summary>What a write that begins now depends on.</summary>
    public WriteContext Begin(Operation write)
    {
        var read = new Requirements();
        foreach (var guarantee in Guarantees.Skip(1))
        {
            foreach (var dependency in this[guarantee].Snapshot()) read.Raise(dependency.On, () => [dependency.Because]);
        }

        return new WriteContext(write, this[Guarantee.ReadYourWrites].Snapshot(), read.Snapshot());
    }
}

/// <summary>What a write depends on.</summary>
/// <param name="Write">The write.</param>
/// <param name="Own">What its session wrote before.</param>
/// <param name="Read">What its session had read before, and what that depends on.</param>
internal sealed record WriteContext(Operation Write, Dependency[] Own, Dependency[] Read);
