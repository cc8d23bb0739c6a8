using System.Globalization;
using PluginHost.Engine.Sessions.Migration;

namespace PluginHost.Cli.Backups;

/// <summary>Shows a migration on standard error: errors as they come, and a line of progress every second; in a file, every 10 seconds.</summary>
internal sealed class MigrationScreen
{
    private readonly TextWriter _errors;
    private readonly bool _isTerminal;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly Lock _lock = new();

    public MigrationScreen(TextWriter errors, bool isTerminal, TimeProvider time)
    {
        (_errors, _isTerminal, _time, _began) = (errors, isTerminal, time, time.GetTimestamp());
        Progress = new MigrationProgress(WriteError);
    }

    public MigrationProgress Progress { get; }

    private TimeSpan Elapsed => _time.GetElapsedTime(_began);

    /// <summary>Shows the progress until the work has ended.</summary>
    public async Task ShowAsync(Task work)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(_isTerminal ? 1 : 10), _time);
        for (var tick = timer.WaitForNextTickAsync().AsTask(); await Task.WhenAny(work, tick) != work; tick = timer.WaitForNextTickAsync().AsTask()) WriteProgress();
        WriteProgress();
        if (_isTerminal) await _errors.WriteLineAsync();
        await work;
    }

    /// <summary>What was done, in a line.</summary>
    public string Summarize() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Progress.Copied} sessions with {Progress.Runs} runs and {Progress.Messages} messages copied and checked, {Progress.Present} were there already, {Progress.Failed} failed. It took {Elapsed.TotalSeconds:0.0} s.");

    private void WriteProgress()
    {
        var seconds = Math.Max(0.001, Elapsed.TotalSeconds);
        var total = Progress.Total is { } count ? string.Create(CultureInfo.InvariantCulture, $" of {count} ({(count == 0 ? 1 : (double)Progress.Done / count):P0})") : "";
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{Progress.Done}{total} sessions, {Progress.Messages} messages, {Progress.Copied / seconds:0} sessions/s");
        lock (_lock)
        {
            if (_isTerminal) _errors.Write($"\r{line} ");
            else _errors.WriteLine(line);
        }
    }

    private void WriteError(string error)
    {
        lock (_lock)
        {
            if (_isTerminal) _errors.WriteLine();
            _errors.WriteLine(error);
        }
    }
}
