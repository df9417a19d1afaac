using System.Globalization;

namespace Floodgate.SimulationTests.Scheduling;

/// <summary>The last steps of a run, for the reader of a failure; the others are forgotten.</summary>
internal sealed class Trace(int kept)
{
    private readonly Queue<string> _lines = new();

    /// <summary>Whether lines are kept: those who write them can save themselves the trouble.</summary>
    public bool IsOn => kept > 0;

    /// <summary>Adds a line.</summary>
    public void Add(TimeSpan at, string line)
    {
        if (kept == 0)
        {
            return;
        }

        if (_lines.Count == kept)
        {
            _lines.Dequeue();
        }

        _lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{at.TotalMilliseconds,12:F3} ms  {line}"));
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(Environment.NewLine, _lines);
}
