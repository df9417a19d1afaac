using Floodgate.SimulationTests.Scheduling;

namespace Floodgate.SimulationTests.Servers;

/// <summary>How a server and the way to it misbehave. All are chances of 0 to 1 per call.</summary>
internal sealed record NetworkFaults
{
    /// <summary>The request is lost: the caller gets an error or no answer.</summary>
    public double RequestLost { get; init; }

    /// <summary>The server does what it was asked, and the answer is lost.</summary>
    public double AnswerLost { get; init; }

    /// <summary>The request arrives late.</summary>
    public double Late { get; init; }

    /// <summary>A lost message shows as an error at once, instead of silence.</summary>
    public double Loud { get; init; } = 0.5;

    /// <summary>How long a late one takes at most.</summary>
    public TimeSpan Latest { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>
/// The way to a server: a call arrives after a while, or late, or never; it is carried out at one moment; its answer
/// arrives after a while, or never. Who is killed meanwhile hears nothing of it, but what it asked for may still happen.
/// </summary>
internal sealed class Network(Scheduler scheduler, string server, TimeSpan typical, Func<string, Exception> error)
{
    // Beyond this some callers may have lost patience.
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(100);

    /// <summary>How it misbehaves.</summary>
    public NetworkFaults Faults { get; set; } = new();

    /// <summary>Whether the server is there.</summary>
    public bool IsUp { get; set; } = true;

    /// <summary>When a call last failed.</summary>
    public TimeSpan LastFailure { get; private set; } = TimeSpan.FromDays(-1);

    /// <summary>How often the server was started: what was under way to the one before arrives nowhere.</summary>
    public int Generation { get; set; }

    /// <summary>Calls the server.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="what">What for, in the trace; null where it is not worth a line.</param>
    /// <param name="operation">What the server does, at one moment. It may throw; the caller gets the error.</param>
    public Task<T> CallAsync<T>(SimulatedProcess caller, FormattableString? what, Func<T> operation)
    {
        var answer = new TaskCompletionSource<T>();
        var generation = Generation;
        var lost = Chance(Faults.RequestLost);
        var sent = scheduler.Elapsed;
        var delay = Delay() + (Chance(Faults.Late) ? Between(Faults.Latest) : TimeSpan.Zero);
        if (lost || delay > Slow)
        {
            LastFailure = sent;
        }

        scheduler.PostLater(owner: null, delay, () =>
        {
            if (lost || !IsUp || generation != Generation)
            {
                Note(what, $"{caller.Name} → {server}: {what}: lost");
                Fail(answer, "The connection broke.");
                return;
            }

            if (scheduler.Elapsed - sent > Slow)
            {
                LastFailure = scheduler.Elapsed;
            }

            T result;
            try
            {
                result = operation();
                Note(what, $"{caller.Name} → {server}: {what} = {result}");
            }
            catch (Exception exception)
            {
                Note(what, $"{caller.Name} → {server}: {what}: {exception.Message}");
                scheduler.PostLater(owner: null, Delay(), () => answer.TrySetException(exception));
                return;
            }

            if (Chance(Faults.AnswerLost))
            {
                Note(what, $"{caller.Name} ← {server}: {what}: the answer is lost");
                Fail(answer, "The connection broke.");
                return;
            }

            scheduler.PostLater(owner: null, Delay(), () => answer.TrySetResult(result));
        });
        return answer.Task;
    }

    /// <summary>A time up to another.</summary>
    public TimeSpan Between(TimeSpan most) => most * scheduler.Random.NextDouble();

    /// <summary>Whether something with this chance happens now.</summary>
    public bool Chance(double of) => of > 0 && scheduler.Random.NextDouble() < of;

    private void Note(FormattableString? what, FormattableString line)
    {
        if (what is not null)
        {
            scheduler.Note(line);
        }
    }

    private TimeSpan Delay() => typical * (0.5 + scheduler.Random.NextDouble());

    private void Fail<T>(TaskCompletionSource<T> answer, string reason)
    {
        LastFailure = scheduler.Elapsed;
        if (Chance(Faults.Loud))
        {
            scheduler.PostLater(owner: null, Delay(), () => answer.TrySetException(error(reason)));
        }
    }
}
