using Floodgate.Bench.Consistency.Histories;

namespace Floodgate.Bench.Consistency.Checking;

/// <summary>The version of a register that a session must see, and why.</summary>
/// <param name="Version">That one or a later one.</param>
/// <param name="Because">The operations that make it so, in their order.</param>
internal readonly record struct Requirement(int Version, IReadOnlyList<Operation> Because);

/// <summary>Requirements by register: a dependency vector.</summary>
internal sealed class Requirements
{
    private readonly Dictionary<int, Requirement> _byRegister = [];

    /// <summary>What is required of a register, or null.</summary>
    public Requirement? Of(int register) => _byRegister.TryGetValue(register, out var requirement) ? requirement : null;

    /// <summary>Requires a version, if no later one is required already.</summary>
    public void Raise(RegisterVersion to, Func<IReadOnlyList<Operation>> because)
    {
        if (!_byRegister.TryGetValue(to.Register, out var now) || now.Version < to.Version)
            _byRegister[to.Register] = new Requirement(to.Version, because());
    }

    /// <summary>Requires what another vector requires, for the reason it has and some more.</summary>
    public void RaiseAll(Requirements other, Operation and)
    {
        foreach (var (register, requirement) in other._byRegister)
            Raise(new RegisterVersion(register, requirement.Version), () => [.. requirement.Because, and]);
    }

    /// <summary>The registers, their versions and the last operation that made them so, as they are now.</summary>
    public Dependency[] Snapshot() =>
        [.. _byRegister.Select(pair => new Dependency(new RegisterVersion(pair.Key, pair.Value.Version), pair.Value.Because[^1]))];
}

/// <summary>Something a write depends on.</summary>
/// <param name="On">What.</param>
/// <param name="Because">The operation of the writer that makes it so.</param>
internal readonly record struct Dependency(RegisterVersion On, Operation Because);
