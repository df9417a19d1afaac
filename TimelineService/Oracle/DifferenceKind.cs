namespace Floodgate.TimelineService.Oracle;

/// <summary>How a home timeline, as its pages show it, can differ from plain SQL.</summary>
internal enum DifferenceKind
{
    /// <summary>In SQL and not in the pages.</summary>
    Missing,

    /// <summary>In the pages and not in SQL.</summary>
    Extra,

    /// <summary>Shown more than once in one walk through the pages.</summary>
    Duplicate,

    /// <summary>Shown after an older post.</summary>
    Disordered,
}
