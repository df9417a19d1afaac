namespace Aspire.Hosting.Running;

/// <summary>How long to wait before a process that ended is started again: longer each time, and short again after a good run.</summary>
internal sealed class RestartBackoff
{
    private static readonly TimeSpan GoodRun = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private TimeSpan _next = First;

    public TimeSpan After(TimeSpan ran)
    {
        if (ran >= GoodRun)
            _next = First;
        var delay = _next;
        _next = TimeSpan.FromTicks(Math.Min(_next.Ticks * 2, Longest.Ticks));
        return delay;
    }
}
