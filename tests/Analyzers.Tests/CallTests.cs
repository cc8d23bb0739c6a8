namespace PluginHost.Analyzers.Tests;

public sealed class CallTests
{
    [Fact]
    public Task Clocks_and_blocking_calls_are_found() => Analysis.ExpectMarkedAsync("""
        [assembly: Plugin("slow", typeof(Slow))]

        public sealed class Slow(PluginContext context) : IContextProvider, IRunMiddleware
        {
            public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
            {
                var text = Read().Result; // PH0007
                Task.Delay(1, cancellationToken).Wait(cancellationToken); // PH0007
                Read().GetAwaiter().GetResult(); // PH0007
                Sleep();
                return new(new ContextContribution { Instructions = $"{text} {DateTime.UtcNow}" }); // PH0006
            }

            public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
            {
                context.Logger.Equals(DateTimeOffset.Now); // PH0006
                return await next(request, cancellationToken);
            }

            private static void Sleep() => Thread.Sleep(1); // PH0007

            private static Task<string> Read() => Task.FromResult("text");
        }
        """);

    [Fact]
    public Task Tasks_that_are_completed_and_code_outside_of_calls_are_no_finding() => Analysis.ExpectMarkedAsync("""
        [assembly: Plugin("quick", typeof(Quick))]

        public sealed class Quick(PluginContext context) : IContextProvider, IDisposable
        {
            public async ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
            {
                var first = Read();
                var second = Read();
                await Task.WhenAll(first, second);
                var now = context.TimeProvider.GetUtcNow();
                var third = Read();
                var text = third.IsCompletedSuccessfully ? third.Result : await third;
                return new ContextContribution { Instructions = first.Result + second.Result + text + now };
            }

            public void Dispose() => Read().Wait();

            private static Task<string> Read() => Task.FromResult("text");
        }
        """);

    [Fact]
    public Task Tasks_that_were_awaited_as_elements_are_completed_and_others_are_not() => Analysis.ExpectMarkedAsync("""
        [assembly: Plugin("many", typeof(Many))]

        public sealed class Many(PluginContext context) : IContextProvider
        {
            public async ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
            {
                var tasks = request.Input.Select(m => Read(m.Text)).ToArray();
                var byName = new Dictionary<string, Task<string>> { ["a"] = Read("a") };
                var others = new List<Task<string>> { Read("b") };
                await Task.WhenAll(tasks);
                await Task.WhenAll(byName.Values);
                var text = tasks[0].Result + byName["a"].Result + tasks.First().Result + string.Concat(tasks.Select(t => t.Result));
                foreach (var task in tasks) text += task.Result;
                foreach (var pair in byName) text += pair.Value.Result;
                foreach (var (name, task) in byName) text += name + task.Result;
                foreach (var other in others) text += other.Result; // PH0007
                return new ContextContribution { Instructions = text + others[0].Result + context }; // PH0007
            }

            private static Task<string> Read(string text) => Task.FromResult(text);
        }
        """);

    [Fact]
    public Task Messages_that_are_changed_in_place_are_found() => Analysis.ExpectMarkedAsync("""
        [assembly: Plugin("changing", typeof(Changing))]

        public sealed class Changing(PluginContext context) : IContextProvider
        {
            public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
            {
                request.Input[0].Role = ChatRole.System; // PH0003
                foreach (var message in request.Input)
                {
                    message.Contents.Add(new TextContent("…")); // PH0003
                    foreach (var content in message.Contents)
                    {
                        if (content is TextContent text) text.Text = "…"; // PH0003
                    }
                }

                return new(new ContextContribution { Instructions = $"{context}" });
            }
        }

        public sealed class Client(IChatClient inner) : DelegatingChatClient(inner)
        {
            public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
            {
                var last = messages.Last();
                foreach (var message in messages) message.AuthorName = "me"; // PH0003
                return base.GetResponseAsync(messages, options, cancellationToken);
            }
        }
        """);

    [Fact]
    public Task A_variable_is_what_was_assigned_to_it_last() => Analysis.ExpectMarkedAsync("""
        [assembly: Plugin("assigning", typeof(Assigning))]

        public sealed class Assigning(PluginContext context) : IContextProvider
        {
            public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
            {
                var message = request.Input[0];
                message = message.Clone();
                message.Role = ChatRole.System;
                var last = new ChatMessage();
                last = request.Input[^1];
                last.Role = ChatRole.System; // PH0003
                var sometimes = request.Input[0];
                if (request.Attempt > 1) sometimes = sometimes.Clone();
                sometimes.Role = ChatRole.System; // PH0003
                var copies = request.Input.Select(m => m.Clone()).ToList();
                copies.ForEach(m => m.Role = ChatRole.System);
                return new(new ContextContribution { Messages = copies, Instructions = $"{context}" });
            }
        }

        public sealed class Client(IChatClient inner) : DelegatingChatClient(inner)
        {
            public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
            {
                messages = [.. messages.Select(m => m.Clone())];
                foreach (var message in messages) message.AuthorName = "me";
                return base.GetResponseAsync(messages, options, cancellationToken);
            }
        }
        """);

    [Fact]
    public Task Clones_and_new_messages_may_be_changed() => Analysis.ExpectMarkedAsync("""
        [assembly: Plugin("cloning", typeof(Cloning))]

        public sealed class Cloning(PluginContext context) : IContextProvider
        {
            public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
            {
                var copies = new List<ChatMessage>();
                foreach (var message in request.Input)
                {
                    var copy = message.Clone();
                    copy.Contents = [new TextContent("…")];
                    copies.Add(copy);
                }

                var own = new ChatMessage(ChatRole.User, "…");
                own.Contents.Add(new TextContent($"{context}"));
                copies.Add(own);
                return new(new ContextContribution { Messages = copies });
            }
        }
        """);
}
