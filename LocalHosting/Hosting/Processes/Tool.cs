using System.Text;

namespace Aspire.Hosting.Processes;

/// <summary>Runs a program that does one thing and ends.</summary>
internal static class Tool
{
    public static async Task<string> RunAsync(ProcessSpec spec, CancellationToken cancellationToken, Action<string>? onLine = null)
    {
        var output = new StringBuilder();
        using var process = await ProcessLauncher.StartAsync(spec, (line, _) =>
        {
            lock (output)
                output.AppendLine(line);
            onLine?.Invoke(line);
        });
        try
        {
            var exitCode = await process.Exited.WaitAsync(cancellationToken);
            await process.Output.WaitAsync(cancellationToken);
            string text;
            lock (output)
                text = output.ToString().Trim();
            return exitCode == 0
                ? text
                : throw new DistributedApplicationException($"{Path.GetFileName(spec.FileName)} failed with exit code {exitCode}: {text}");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }
}
