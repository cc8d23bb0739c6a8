namespace PluginHost.Analyzers.Tests;

public sealed class FieldTests
{
    [Fact]
    public Task Fields_that_a_call_of_the_host_changes_are_found_also_through_other_methods() => Analysis.ExpectMarkedAsync("""
        [assembly: Plugin("counter", typeof(Counter), Options = typeof(Settings))]

        public sealed record Settings;

        public sealed class Counter(Settings options, PluginContext context) : IContextProvider
        {
            private readonly List<string> _texts = [];
            private readonly Dictionary<string, int> _counts = [];
            private string? _last;
            private int _calls;

            public PluginContext Context { get; private set; } = context;

            public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
            {
                _calls++; // PH0002
                _last = request.RunId; // PH0002
                _counts[request.Agent] = 1; // PH0002
                options = new Settings(); // PH0002
                Remember(request.RunId);
                return new(ContextContribution.Empty);
            }

            private void Remember(string text)
            {
                _texts.Add(text); // PH0002
                Context = null!; // PH0002
            }

            public override string ToString() => $"{_calls} {_last} {options}";
        }
        """);

    [Fact]
    public Task Locks_locals_new_objects_and_calls_before_the_first_run_are_no_finding() => Analysis.ExpectMarkedAsync("""
        [assembly: Plugin("counter", typeof(Counter))]

        public sealed class Counter : IContextProvider, IPluginLifecycle, IDisposable
        {
            private readonly Lock _lock = new();
            private readonly SemaphoreSlim _gate = new(1);
            private readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> _counts = new();
            private readonly List<string> _texts = [];
            private volatile bool _closed;
            private int _calls;
            private object? _connection;

            public Counter(PluginContext context) => _connection = context;

            public async ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
            {
                var local = 0;
                local++;
                _counts[request.Agent] = local;
                _closed = false;
                Interlocked.Increment(ref _calls);
                lock (_lock)
                {
                    _texts.Add(request.RunId);
                    Remember();
                }

                await GuardedAsync();
                var changed = request with { Instructions = "…" };
                return new ContextContribution { Instructions = changed.Instructions };
            }

            public ValueTask StartAsync(CancellationToken cancellationToken)
            {
                _connection = new object();
                return default;
            }

            public ValueTask StopAsync(CancellationToken cancellationToken)
            {
                _connection = null;
                return default;
            }

            public void Dispose() => _closed = true;

            private void Remember() => _connection = _texts;

            private async Task GuardedAsync()
            {
                await _gate.WaitAsync();
                _connection = null;
                _gate.Release();
            }

            public override string ToString() => $"{_closed} {_connection}";
        }
        """);

    [Fact]
    public Task A_project_that_registers_no_plugin_is_left_alone() => Analysis.ExpectMarkedAsync("""
        public sealed class Counter : IContextProvider
        {
            public int Calls { get; private set; }

            public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
            {
                Calls++;
                Thread.Sleep(DateTime.UtcNow.Second);
                return new(ContextContribution.Empty);
            }
        }
        """);
}
