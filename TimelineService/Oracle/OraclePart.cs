namespace Floodgate.TimelineService.Oracle;

/// <summary>What the sampled oracle of an instance has seen since the start of its process.</summary>
/// <param name="Enabled">Whether it runs.</param>
/// <param name="Samples">Timelines compared with plain SQL.</param>
/// <param name="Entries">Posts compared in them.</param>
/// <param name="Missing">Posts in SQL and, confirmed, not in the pages.</param>
/// <param name="Extra">Posts in the pages and, confirmed, not in SQL.</param>
/// <param name="Duplicate">Posts shown more than once in one walk.</param>
/// <param name="Disordered">Posts shown after an older one.</param>
/// <param name="PerMillion">The same among a million entries.</param>
/// <param name="Suspects">Posts that differed at the last look and may be on their way.</param>
/// <param name="LastLsn">The position (<c>timeline/LSN</c>) at which SQL was read for the last sample; null before the first.</param>
/// <param name="LastSampleAgeSeconds">How long ago that was; null before the first.</param>
/// <param name="LastDifferenceAgeSeconds">How long ago a difference was confirmed; null where none was.</param>
/// <param name="Findings">The last 20 findings, the newest first.</param>
internal sealed record OraclePart(
    bool Enabled, long Samples, long Entries, long Missing, long Extra, long Duplicate, long Disordered, OraclePerMillion PerMillion, int Suspects,
    string? LastLsn, double? LastSampleAgeSeconds, double? LastDifferenceAgeSeconds, IReadOnlyList<OracleFinding> Findings);

/// <summary>Confirmed differences among a million entries.</summary>
internal sealed record OraclePerMillion(double Missing, double Extra, double Duplicate, double Disordered);

/// <summary>Confirmed differences of one kind in one timeline.</summary>
/// <param name="At">When they were confirmed.</param>
/// <param name="User">Whose timeline.</param>
/// <param name="Kind"><c>missing</c>, <c>extra</c>, <c>duplicate</c> or <c>disordered</c>.</param>
/// <param name="Posts">The posts, 20 at most.</param>
/// <param name="Lsn">The position at which SQL was read.</param>
/// <param name="Node">The node it was read on.</param>
/// <param name="Forgotten">Whether the timeline was forgotten, so that the next read builds it anew.</param>
internal sealed record OracleFinding(DateTimeOffset At, long User, string Kind, IReadOnlyList<long> Posts, string Lsn, string Node, bool Forgotten);
