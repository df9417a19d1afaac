using Spectre.Console;

namespace Aspire.Hosting.Display;

/// <summary>A file or a pipe: lines with their resource's name, and the table when something changed and then stayed a while.</summary>
internal sealed class PlainSurface(TextWriter output, TimeProvider time) : IDisplaySurface
{
    private const int Width = 160;

    // The first table soon, the next ones seldom enough to read the lines between them.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private int _drawnVersion;
    private int _seenVersion;
    private long _seenAt;
    private long _drawnAt;
    private bool _drawnWell;

    public void Draw(IReadOnlyList<DisplayLine> lines, ResourceTable table)
    {
        foreach (var line in lines)
            output.WriteLine($"[{line.Id}] {line.Text}");

        if (table.Version != _seenVersion)
        {
            _seenVersion = table.Version;
            _seenAt = time.GetTimestamp();
        }

        var becameWell = table.IsAllWell && !_drawnWell;
        var settled = time.GetElapsedTime(_seenAt) >= Settle && (_drawnAt == 0 || time.GetElapsedTime(_drawnAt) >= Pause);
        var waitedLong = !table.IsAllWell && _drawnAt != 0 && time.GetElapsedTime(_drawnAt) >= Pause;
        if (_drawnVersion != _seenVersion && (becameWell || settled || waitedLong))
            Write(table);
        output.Flush();
    }

    public void End() => output.Flush();

    private void Write(ResourceTable table)
    {
        if (table.Render() is not { } rendered)
            return;
        _drawnVersion = _seenVersion;
        _drawnAt = time.GetTimestamp();
        _drawnWell = table.IsAllWell;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = Width;
        console.Write(rendered);
    }
}
