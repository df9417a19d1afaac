using System.Globalization;
using System.Text;
using Floodgate.Bench.Measuring;
using Spectre.Console;

namespace Floodgate.Bench.Replay;

/// <summary>What a replay found: facts in words, tables, examples of what went wrong, and the verdict.</summary>
internal sealed class ReplayReport
{
    private readonly List<string> _facts = [];
    private readonly List<ReportTable> _tables = [];
    private readonly List<string> _examples = [];
    private readonly List<string> _successes = [];
    private readonly List<string> _failures = [];

    /// <summary>Whether everything that was checked is right.</summary>
    public bool IsGood => _failures.Count == 0;

    /// <summary>One line that says so, or why not.</summary>
    public string Verdict => IsGood
        ? $"Verdict: good. {string.Join("; ", _successes)}."
        : "Verdict: FAILED. " + string.Join("; ", _failures) + ".";

    /// <summary>Adds a fact: a line of the introduction.</summary>
    public void AddFact(string fact) => _facts.Add(fact);

    /// <summary>Adds a table, unless it is empty.</summary>
    public void Add(ReportTable table)
    {
        if (table.Rows.Count > 0) _tables.Add(table);
    }

    /// <summary>Adds examples of what went wrong.</summary>
    public void AddExamples(IEnumerable<string> examples) => _examples.AddRange(examples);

    /// <summary>Adds what was checked and is right.</summary>
    public void Succeed(string what) => _successes.Add(what);

    /// <summary>Adds a reason why the verdict is bad.</summary>
    public void Fail(string reason) => _failures.Add(reason);

    /// <summary>Shows it.</summary>
    public void Show(IAnsiConsole console)
    {
        foreach (var table in _tables) table.Show(console);
        foreach (var example in _examples) console.WriteLine("  " + example);
        foreach (var fact in _facts) console.WriteLine(fact);
        console.WriteLine(Verdict);
    }

    /// <summary>The report as a page of Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("# Replay\n\n");
        text.Append("**").Append(Verdict).Append("**\n\n");
        foreach (var fact in _facts) text.Append(CultureInfo.InvariantCulture, $"- {fact}\n");
        text.Append('\n');
        foreach (var table in _tables) table.WriteMarkdown(text);
        if (_examples.Count > 0)
        {
            text.Append("## Examples of what went wrong\n\n");
            foreach (var example in _examples) text.Append("- `").Append(example.Replace('`', '\'').ReplaceLineEndings(" ")).Append("`\n");
            text.Append('\n');
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }
}
