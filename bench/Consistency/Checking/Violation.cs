using System.Globalization;
using System.Text;
using Floodgate.Bench.Consistency.Histories;

namespace Floodgate.Bench.Consistency.Checking;

/// <summary>A read that broke a guarantee, with the operations that prove it.</summary>
/// <param name="Guarantee">Which one.</param>
/// <param name="Read">The read.</param>
/// <param name="Seen">What it showed; version 0 where the register was missing.</param>
/// <param name="Required">The version it had to show, or a later one.</param>
/// <param name="Because">The operations before it that make it so, in their order.</param>
internal sealed record Violation(Guarantee Guarantee, Operation Read, RegisterVersion Seen, int Required, IReadOnlyList<Operation> Because)
{
    /// <summary>The session whose guarantee it was.</summary>
    public int Session => Read.Session;

    /// <summary>The violation and its proof, one operation a line.</summary>
    /// <param name="origin">The timestamp from which times are shown.</param>
    /// <param name="frequency">Timestamps a second.</param>
    public string Explain(long origin, long frequency)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Guarantee}: session {Session} read {Seen}, where version {Required} was due");
        foreach (var operation in Because.Append(Read))
            text.Append(CultureInfo.InvariantCulture, $"\n  {Seconds(operation.Start):0.0000}–{Seconds(operation.End):0.0000} s {operation}");
        return text.ToString();

        double Seconds(long timestamp) => (double)(timestamp - origin) / frequency;
    }
}
