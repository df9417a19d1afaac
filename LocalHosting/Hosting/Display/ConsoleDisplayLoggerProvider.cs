using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Display;

/// <summary>Shows what the AppHost itself logs among the lines of its resources.</summary>
internal sealed class ConsoleDisplayLoggerProvider(IServiceProvider services) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Logger(services, categoryName);

    public void Dispose()
    {
        // It holds nothing.
    }

    private sealed class Logger(IServiceProvider services, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // The host's own remarks (press Ctrl+C, content root) say nothing about the application.
        public bool IsEnabled(LogLevel logLevel) =>
            logLevel >= (category.StartsWith("Microsoft.", StringComparison.Ordinal) ? LogLevel.Warning : LogLevel.Information);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel) || services.GetService(typeof(ConsoleDisplay)) is not ConsoleDisplay display)
                return;
            display.Add(ConsoleDisplay.AppHostName, formatter(state, exception) + (exception is null ? "" : $" ({exception.Message})"), logLevel);
        }
    }
}
