using Floodgate.Bench.Consistency.Histories;

namespace Floodgate.Bench.Consistency.Load;

/// <summary>
/// The registers that were written last, for others to read: what has just been written is what a replica may not have
/// yet. Safe for concurrent use.
/// </summary>
/// <param name="size">How many it holds.</param>
internal sealed class RegisterBoard(int size)
{
    private readonly Lock _gate = new();
    private readonly List<Register> _recent = [];

    /// <summary>A register was written.</summary>
    public void Wrote(Register register)
    {
        lock (_gate)
        {
            if (_recent.Contains(register)) return;
            if (_recent.Count == size) _recent.RemoveAt(0);
            _recent.Add(register);
        }
    }

    /// <summary>One of them by chance, or null while there is none.</summary>
    public Register? Draw(Random random)
    {
        lock (_gate) return _recent.Count == 0 ? null : _recent[random.Next(_recent.Count)];
    }
}
