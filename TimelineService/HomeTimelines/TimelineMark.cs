using System.Text;
using Floodgate.Redis;
using StackExchange.Redis;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>The text that a run of Redis marks its timelines with. Every page needs it: it is made once a run.</summary>
internal sealed class TimelineMark(RedisGeneration generation)
{
    // Of the run id and of the replication id.
    private const int Digits = 8;

    private volatile RunMark? _last;

    /// <summary>The mark; null while it is not known which run of Redis this is.</summary>
    public RedisValue? Current
    {
        get
        {
            if (generation.Run is not { } run)
            {
                return null;
            }

            var last = _last;
            if (last?.Run != run)
            {
                _last = last = RunMark.Of(run);
            }

            return last.Mark;
        }
    }

    /// <summary>The mark.</summary>
    /// <exception cref="TimeoutException">It is not known which run of Redis this is.</exception>
    public RedisValue Required => Current ?? throw new TimeoutException("It is not known yet which run of Redis this is.");

    private sealed record RunMark(string Run, RedisValue Mark)
    {
        public static RunMark Of(string run) =>
            new(run, Encoding.ASCII.GetBytes(run.Length > 2 * Digits ? $"m:{run[..Digits]}{run[^Digits..]}" : "m:" + run));
    }
}
