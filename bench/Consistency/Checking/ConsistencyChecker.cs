using Floodgate.Bench.Consistency.Histories;
using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Consistency.Checking;

/// <summary>
/// Checks a history against the session guarantees. Every session has vectors of what it must see, which grow by what it
/// writes and reads; every write carries what its session had written and read before it began, and whoever sees the
/// write must see that too.
/// </summary>
internal sealed class ConsistencyChecker
{
    private readonly Dictionary<int, SessionView> _views = [];
    private readonly Dictionary<RegisterVersion, Operation> _writes = [];
    private readonly Dictionary<RegisterVersion, WriteContext> _contexts = [];
    private readonly ILookup<int, Register> _byAuthor;
    private readonly IReadOnlyList<Register> _registers;
    private readonly List<Violation> _violations = [];

    private ConsistencyChecker(IReadOnlyList<Register> registers)
    {
        _registers = registers;
        _byAuthor = registers.ToLookup(register => register.Author);
    }

    /// <summary>Finds every violation, in the order of the reads.</summary>
    public static IReadOnlyList<Violation> Check(History history) => Check(history.Operations, history.Registers);

    /// <summary>Finds every violation, in the order of the reads.</summary>
    /// <param name="operations">What was done, in any order.</param>
    /// <param name="registers">The registers, by index.</param>
    public static IReadOnlyList<Violation> Check(IReadOnlyList<Operation> operations, IReadOnlyList<Register> registers)
    {
        var checker = new ConsistencyChecker(registers);
        foreach (var write in operations.Where(operation => operation.Kind == OperationKind.Write)) checker._writes[write.Written] = write;
        foreach (var step in Steps(operations)) checker.Take(step.Operation, step.IsEnd);
        return checker._violations;
    }

    // A write's vector is that of its beginning, as it may be seen before its answer comes; everything else counts from its
    // end. At the same moment the ends come first: a session's next operation begins when the one before has ended.
    private static IEnumerable<Step> Steps(IReadOnlyList<Operation> operations)
    {
        var steps = new List<Step>(operations.Count * 2);
        foreach (var operation in operations)
        {
            if (operation.Kind != OperationKind.Read) steps.Add(new Step(operation, operation.Start, IsEnd: false));
            if (operation.Kind != OperationKind.Adopt) steps.Add(new Step(operation, operation.End, IsEnd: true));
        }

        return steps.OrderBy(step => step.At).ThenBy(step => step.IsEnd ? 0 : 1);
    }

    private void Take(Operation operation, bool isEnd)
    {
        var view = ViewOf(operation.Session);
        switch (operation.Kind)
        {
            case OperationKind.Write when !isEnd:
                _contexts[operation.Written] = view.Begin(operation);
                break;
            case OperationKind.Write when operation.Outcome == Outcome.Acknowledged:
                view.Wrote(operation);
                break;
            case OperationKind.Adopt:
                view.Adopt(ViewOf(operation.From), operation);
                break;
            case OperationKind.Read when operation.Outcome == Outcome.Acknowledged:
                TakeRead(operation, view);
                break;
        }
    }

    private void TakeRead(Operation read, SessionView view)
    {
        var seen = read.Scope is { } scope ? [.. read.Seen, .. Missing(read, scope, view)] : read.Seen;
        var broken = new HashSet<(int Register, Guarantee Guarantee)>();
        Check(read, seen, view, broken, SessionView.Guarantees);
        foreach (var version in read.Seen.Where(version => version.Version > 0)) See(read, version, view);

        // One page is read at one node: what a post on it depends on must be on it as well, if it belongs there.
        if (read.Scope is null) return;
        Check(read, [.. read.Seen, .. Missing(read, read.Scope, view)], view, broken, [Guarantee.MonotonicWrites, Guarantee.WritesFollowReads]);
        if (read.Scope.Author is not null) return;
        foreach (var version in read.Seen) view.OnTimeline.TryAdd(version.Register, read);
    }

    private void Check(
        Operation read, IReadOnlyList<RegisterVersion> seen, SessionView view, HashSet<(int Register, Guarantee Guarantee)> broken, IReadOnlyList<Guarantee> guarantees)
    {
        foreach (var version in seen)
        {
            foreach (var guarantee in guarantees)
            {
                if (view[guarantee].Of(version.Register) is { } required && required.Version > version.Version && broken.Add((version.Register, guarantee)))
                    _violations.Add(new Violation(guarantee, read, version, required.Version, required.Because));
            }
        }
    }

    private void See(Operation read, RegisterVersion version, SessionView view)
    {
        var context = _contexts.GetValueOrDefault(version);
        if (context is null || context.Write.Outcome == Outcome.Refused)
            _violations.Add(new Violation(Guarantee.OnlyWhatWasWritten, read, version, 0, _writes.TryGetValue(version, out var write) ? [write] : []));
        view.Saw(version, read, context);
    }

    // Only what the session must see can be missed. A home timeline fills in the background: what must be on it is what
    // the session wrote itself, and what was on it before.
    private IEnumerable<RegisterVersion> Missing(Operation read, PageScope scope, SessionView view)
    {
        var there = read.Seen.Select(version => version.Register).ToHashSet();
        var due = scope.Author is { } author
            ? _byAuthor[author]
            : _byAuthor[read.Session].Where(register => view[Guarantee.ReadYourWrites].Of(register.Index) is not null)
                .UnionBy(view.OnTimeline.Keys.Select(index => _registers[index]), register => register.Index);
        return due.Where(register => scope.Covers(register.Post) && !there.Contains(register.Index))
            .Select(register => new RegisterVersion(register.Index, 0));
    }

    private SessionView ViewOf(int session)
    {
        if (!_views.TryGetValue(session, out var view)) _views.Add(session, view = new SessionView());
        return view;
    }

    private readonly record struct Step(Operation Operation, long At, bool IsEnd);
}
