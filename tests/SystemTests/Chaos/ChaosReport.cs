using System.Collections.Concurrent;

namespace Floodgate.SystemTests.Chaos;

/// <summary>What became of the calls, second by second, what happened to the system meanwhile, and what was wrong.</summary>
internal sealed class ChaosReport(ITestOutputHelper output, TimeProvider time)
{
    private const int MostFaults = 40;
    private const int MostSeconds = 300;

    private readonly long _began = time.GetTimestamp();
    private readonly int[,] _calls = new int[MostSeconds, Enum.GetValues<Outcome>().Length];
    private readonly ConcurrentQueue<string> _faults = new();
    private int _acknowledged;

    /// <summary>Calls that were acknowledged.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>What was wrong: the first of it.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Calls by what became of them.</summary>
    public int Total(Outcome outcome) => Enumerable.Range(0, MostSeconds).Sum(second => _calls[second, (int)outcome]);

    public void Called(Outcome outcome)
    {
        var second = Math.Min((int)time.GetElapsedTime(_began).TotalSeconds, MostSeconds - 1);
        Interlocked.Increment(ref _calls[second, (int)outcome]);
        if (outcome == Outcome.Acknowledged)
        {
            Interlocked.Increment(ref _acknowledged);
        }
    }

    public void Event(string what) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(_began).TotalSeconds,6:0.0} s, {Acknowledged} acknowledged: {what}"));

    public void Fault(string what)
    {
        if (_faults.Count < MostFaults)
        {
            _faults.Enqueue(what);
            Event("WRONG: " + what);
        }
    }

    /// <summary>Writes how many calls each second were acknowledged, refused, and left unknown.</summary>
    public void WriteRates()
    {
        output.WriteLine("second: acknowledged/refused/unknown");
        var last = Enumerable.Range(0, MostSeconds).Last(second => second == 0 || Enum.GetValues<Outcome>().Any(outcome => _calls[second, (int)outcome] > 0));
        output.WriteLine(string.Join("  ", Enumerable.Range(0, last + 1).Select(second => string.Create(
            CultureInfo.InvariantCulture,
            $"{second}: {_calls[second, (int)Outcome.Acknowledged]}/{_calls[second, (int)Outcome.Refused]}/{_calls[second, (int)Outcome.Unknown]}"))));
    }
}
