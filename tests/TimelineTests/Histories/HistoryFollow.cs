namespace Floodgate.TimelineTests.Histories;

/// <summary>Whether one user of a history follows another, as far as the follower knows.</summary>
internal sealed class HistoryFollow
{
    private int _running;

    /// <summary>null where that depends on which of two requests came first.</summary>
    public bool? Follows { get; set; } = false;

    /// <summary>When the follow was sent: posts that were there then came with it. 0: nobody knows.</summary>
    public long Since { get; private set; }

    /// <summary>How many changes were begun.</summary>
    public int Changes { get; private set; }

    /// <summary>Whether nobody is changing it.</summary>
    public bool IsAtRest => _running == 0;

    public void Begin()
    {
        _running++;
        Changes++;
    }

    /// <summary>A change was acknowledged.</summary>
    /// <param name="change">The number of the change.</param>
    /// <param name="alone">Whether nothing else was under way when it began.</param>
    /// <param name="follows">What it was.</param>
    /// <param name="began">When.</param>
    public void End(int change, bool alone, bool follows, long began)
    {
        _running--;
        var known = alone && Changes == change;

        // A follow that was there already brings nothing.
        Since = !known || Follows is null ? 0 : follows && Follows == false ? began : Since;
        Follows = known ? follows : null;
    }
}
