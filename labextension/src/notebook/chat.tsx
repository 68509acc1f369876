import '../../style/notebook.css';

import { useState } from 'react';

import { Chat } from '../components/chat/Chat';
import type { WidgetOptions } from './model';
import { widget } from './mount';
import { Start } from './Start';

function ChatWidget({ options }: { options: Partial<WidgetOptions> }): JSX.Element {
  const [conversation, setConversation] = useState(options.conversation_id ?? null);
  return (
    <Start workspaceId={options.workspace_id}>
      {workspaceId => (
        <Chat
          workspaceId={workspaceId}
          conversationId={conversation}
          connectionId={options.connection_id ?? null}
          onConversation={next => setConversation(next?.id ?? null)}
        />
      )}
    </Start>
  );
}

export default widget(options => <ChatWidget options={options} />);
