using Floodgate.Bench.Consistency.Checking;
using Floodgate.Bench.Consistency.Histories;
using Floodgate.Bench.Gateway;

namespace Floodgate.BenchTests.Consistency;

/// <summary>Writes a history down, one operation after the other. Each takes one tick, and the next begins a tick later.</summary>
internal sealed class HandMadeHistory
{
    private readonly History _history = new();
    private long _now;

    /// <summary>A new register of a session: the post with the id index + 1, so that later registers have higher ids.</summary>
    public Register Register(int author)
    {
        var register = _history.NewRegister(author);
        register.Post = register.Index + 1;
        return register;
    }

    public void Write(int session, Register register, int version, Outcome outcome = Outcome.Acknowledged) =>
        Add(new Operation { Session = session, Kind = OperationKind.Write, Start = _now, End = _now + 1, Outcome = outcome, Written = new(register.Index, version) });

    public void Read(int session, Register register, int version, Outcome outcome = Outcome.Acknowledged) => Page(session, null, outcome, (register, version));

    public void Page(int session, PageScope? scope, params (Register Register, int Version)[] seen) => Page(session, scope, Outcome.Acknowledged, seen);

    public void Adopt(int session, int from) =>
        Add(new Operation { Session = session, Kind = OperationKind.Adopt, Start = _now, End = _now, From = from });

    /// <summary>Adds an operation with times of its own.</summary>
    public void Add(Operation operation)
    {
        _history.Add(operation);
        _now = Math.Max(_now, operation.End) + 1;
    }

    /// <summary>The guarantees that were broken, in order.</summary>
    public IReadOnlyList<Guarantee> Broken() => [.. Violations().Select(violation => violation.Guarantee)];

    public IReadOnlyList<Violation> Violations() => ConsistencyChecker.Check(_history);

    private void Page(int session, PageScope? scope, Outcome outcome, params (Register Register, int Version)[] seen) =>
        Add(new Operation
        {
            Session = session,
            Kind = OperationKind.Read,
            Start = _now,
            End = _now + 1,
            Outcome = outcome,
            Scope = scope,
            Seen = [.. seen.Select(one => new RegisterVersion(one.Register.Index, one.Version))],
        });
}
