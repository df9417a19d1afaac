using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Aspire.Hosting.Display;

/// <summary>A terminal: lines scroll, the table stays below them.</summary>
internal sealed class TerminalSurface(TextWriter output, TimeProvider time) : IDisplaySurface
{
    private const int SmallestWidth = 60;

    // The table tells how long the start takes.
    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(1);

    private static readonly Color[] NameColors = [Color.Aqua, Color.Lime, Color.Fuchsia, Color.Yellow, Color.Blue, Color.Teal, Color.Olive, Color.Purple];

    private int _drawnHeight;
    private int _drawnVersion = -1;
    private int _drawnWidth;
    private long _drawnAt;

    public void Draw(IReadOnlyList<DisplayLine> lines, ResourceTable table)
    {
        var width = Math.Max(SmallestWidth, Console.WindowWidth);
        var isCounting = !table.IsAllWell && time.GetElapsedTime(_drawnAt) >= CountInterval;
        if (lines.Count == 0 && _drawnVersion == table.Version && width == _drawnWidth && !isCounting)
            return;
        _drawnAt = time.GetTimestamp();

        var buffer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.Standard,
            Interactive = InteractionSupport.No,
            Out = new FixedWidthOutput(buffer, width),
        });
        foreach (var line in lines)
        {
            console.Write(new Text($"{line.Id,-12} ", NameColors[(int)((uint)string.GetHashCode(line.Id, StringComparison.Ordinal) % NameColors.Length)]));
            console.Write(new Text(line.Text + Environment.NewLine, LineStyle(line.Level)));
        }

        var height = buffer.ToString().Count(c => c == '\n');
        _drawnVersion = table.Version;
        if (table.Render() is { } rendered)
            console.Write(rendered);
        var text = buffer.ToString();

        // Up to where the table began, and away with it.
        var erase = _drawnHeight > 0 ? $"\u001b[{_drawnHeight}A\r\u001b[0J" : "";
        output.Write(erase + text);
        output.Flush();
        _drawnHeight = text.Count(c => c == '\n') - height;
        _drawnWidth = width;
    }

    public void End() => output.Flush();

    private static Style LineStyle(LogLevel level) => level switch
    {
        >= LogLevel.Error => new Style(Color.Red),
        LogLevel.Warning => new Style(Color.Yellow),
        _ => Style.Plain,
    };

    private sealed class FixedWidthOutput(TextWriter writer, int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => width;

        public int Height => 100;

        public void SetEncoding(System.Text.Encoding encoding)
        {
            // The terminal's encoding is the process's.
        }
    }
}
