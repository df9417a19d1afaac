namespace Floodgate.Bench.Consistency.Histories;

/// <summary>Records what sessions did. Safe for concurrent use.</summary>
/// <param name="mostOperations">How many operations are kept; a run that does more ends with an error instead of without memory.</param>
internal sealed class History(int mostOperations = 5_000_000)
{
    private readonly Lock _gate = new();
    private readonly List<Operation> _operations = [];
    private readonly List<Register> _registers = [];

    /// <summary>What was recorded, in the order in which it ended.</summary>
    public IReadOnlyList<Operation> Operations
    {
        get
        {
            lock (_gate) return [.. _operations];
        }
    }

    /// <summary>All registers, by index.</summary>
    public IReadOnlyList<Register> Registers
    {
        get
        {
            lock (_gate) return [.. _registers];
        }
    }

    /// <summary>Adds a register, before its first version is written.</summary>
    public Register NewRegister(int author)
    {
        lock (_gate)
        {
            var register = new Register(_registers.Count, author);
            _registers.Add(register);
            return register;
        }
    }

    /// <summary>The register of an index, or null where there is none.</summary>
    public Register? Find(int index)
    {
        lock (_gate) return index >= 0 && index < _registers.Count ? _registers[index] : null;
    }

    /// <summary>Records an operation.</summary>
    /// <exception cref="InvalidOperationException">There are too many.</exception>
    public void Add(Operation operation)
    {
        lock (_gate)
        {
            if (_operations.Count == mostOperations) throw new InvalidOperationException($"More than {mostOperations} operations: run for a shorter time.");
            _operations.Add(operation);
        }
    }
}
