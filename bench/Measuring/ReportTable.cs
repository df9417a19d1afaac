using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Floodgate.Bench.Measuring;

/// <summary>A table that can be shown on the console and written as Markdown. The first column is text, the others numbers.</summary>
internal sealed class ReportTable(string title, params string[] columns)
{
    private readonly List<string[]> _rows = [];

    /// <summary>The heading above it.</summary>
    public string Title => title;

    /// <summary>The rows so far, as text.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    /// <summary>Adds a row: whole numbers with thousands separators, durations with a unit, anything else as it is.</summary>
    public void Add(params object[] cells) => _rows.Add(Array.ConvertAll(cells, Text));

    /// <summary>Shows it.</summary>
    public void Show(IAnsiConsole console)
    {
        var table = new Table().Title(Markup.Escape(title)).Border(TableBorder.Rounded);
        for (var i = 0; i < columns.Length; i++)
        {
            var column = new TableColumn(Markup.Escape(columns[i]));
            table.AddColumn(i == 0 ? column : column.RightAligned());
        }

        foreach (var row in _rows) table.AddRow(Array.ConvertAll(row, Markup.Escape));
        console.Write(table);
    }

    /// <summary>Writes it with its heading.</summary>
    public void WriteMarkdown(StringBuilder text)
    {
        text.Append("## ").Append(title).Append("\n\n");
        WriteLine(text, columns);
        text.Append("|---|").Insert(text.Length, "---:|", columns.Length - 1).Append('\n');
        foreach (var row in _rows) WriteLine(text, row);
        text.Append('\n');
    }

    /// <summary>A duration in the unit that reads best: µs, ms, s, min or h.</summary>
    public static string Text(TimeSpan duration) => duration.TotalMilliseconds switch
    {
        0 => "0",
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMicroseconds:0} µs"),
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.0} ms"),
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0} ms"),
        < 120_000 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s"),
        < 7_200_000 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0.0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalHours:0.0} h"),
    };

    private static string Text(object cell) => cell switch
    {
        TimeSpan duration => Text(duration),
        int or long => string.Create(CultureInfo.InvariantCulture, $"{cell:N0}"),
        double number => number.ToString(number < 100 ? "0.0" : "N0", CultureInfo.InvariantCulture),
        _ => cell.ToString() ?? "",
    };

    private static void WriteLine(StringBuilder text, IEnumerable<string> cells)
    {
        foreach (var cell in cells) text.Append("| ").Append(cell.Replace("|", "\\|", StringComparison.Ordinal)).Append(' ');
        text.Append("|\n");
    }
}
